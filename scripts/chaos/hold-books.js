/** The balance of the holds at the end: which files each owns, and whether that is what was promised. Pure. */
import { faultsOfLeases, unfoundedFailures } from './lease-books.js';

/** How much longer than its grace a replaced file may be there: its delete takes a while, and is seen later. */
const SLACK_MS = 20_000;

/**
 * @param holds - `{holdId, displayName, sha256s, plan, runs, look?, handedOut, failures}`: `runs` as in lease-books.js; `look`, of an open
 *   hold, is what was seen of it, `{status, files, extras, atMs}`: the answer to its query, the files at the provider at that time, and
 *   for how long each file that is not the current one has been seen, `{name, forMs}`
 * @param files - all files of holds at the provider
 * @param deletions - by name, when the first request came to delete the file
 * @returns `{wrong, suspects}`: a line for each entry that does not balance, and the display names that these lines are about
 */
export function balanceHolds(holds, files, deletions) {
  const wrong = [];
  const suspects = new Set();
  const blame = (displayName, line) => {
    wrong.push(line);
    suspects.add(displayName);
  };
  for (const hold of holds) {
    const its = files.filter(({ displayName }) => displayName === hold.displayName);
    const lines = [
      ...(isOpen(hold) ? faultsOfOpen(hold) : faultsOfEnded(its)),
      ...faultsOfLeases(hold.runs, hold.look && { ...hold.look.status, atMs: hold.look.atMs }),
      ...faultsOfHandedOut(hold, deletions),
      ...unfoundedFailures(hold.failures, hold.runs),
      ...unexpectedEnds(hold),
    ];
    for (const line of lines) blame(hold.displayName, `${hold.holdId} ${line}`);
  }
  const known = new Set(holds.map(({ displayName }) => displayName));
  for (const { name, displayName } of files.filter((file) => !known.has(file.displayName)))
    blame(displayName, `${name} (${displayName}) belongs to no hold`);
  return { wrong, suspects: [...suspects] };
}

export function isOpen({ runs }) {
  return runs.at(-1)?.outcome === 'open';
}

function faultsOfEnded(its) {
  return its.length === 0 ? [] : [`has ended and left ${its.map(({ name }) => name).join(', ')}`];
}

/** An open hold owns one ACTIVE file, which its query names, and at most one more, in its time of grace. */
export function faultsOfOpen({ look, sha256s, plan }) {
  if (!look?.status?.file) return [`is open and has no file: ${JSON.stringify(look?.status ?? null)}`];
  const { status, files, extras } = look;
  const file = files.find(({ name }) => name === status.file.id);
  if (!file) return [`is open, and ${status.file.id} is not there`];
  const faults = [];
  if (file.state !== 'ACTIVE') faults.push(`has a file in state ${file.state}`);
  if (!sha256s.includes(file.sha256)) faults.push('has a file with another hash');
  if (extras.length > 1) faults.push(`has ${extras.length + 1} files`);
  for (const { name, forMs } of extras)
    if (forMs > plan.graceMs + SLACK_MS) faults.push(`still has ${name} after its time of grace`);
  return faults;
}

/** A caller gets a file with the right content, and never one that the hold has given up. */
function faultsOfHandedOut({ handedOut, sha256s }, deletions) {
  return handedOut.flatMap(({ name, sha256, atMs }) => [
    ...(deletions[name] < atMs
      ? [`gave ${name} to a caller ${atMs - deletions[name]} ms after its delete`]
      : []),
    ...(sha256s.includes(sha256) ? [] : [`gave a caller ${name}, which has another hash`]),
  ]);
}

function unexpectedEnds({ runs, plan, terminations = 0 }) {
  const terminated = runs.filter(({ outcome }) => outcome === 'terminated').length;
  return [
    ...(terminated > terminations ? [`was terminated ${terminated} times, and not ${terminations}`] : []),
    ...runs.flatMap(({ outcome, cancelRequested, cleanup, message, result }) => {
      if (['open', 'continued', 'terminated'].includes(outcome)) return [];
      if (outcome === 'completed')
        return result.cleanup === 'deleted' ? [] : [`says cleanup: ${result.cleanup}`];
      if (outcome === 'cancelled') return cancelRequested ? [] : ['was cancelled by nobody'];
      const expected =
        (plan.fate === 'failed' && outcome === 'UploadFailedError') ||
        (plan.source?.change && outcome === 'FileChangedError');
      // A source can change while its type is read, before anything was sent.
      const sentNothing = outcome === 'FileChangedError' && cleanup === undefined;
      return expected && (cleanup === 'deleted' || sentNothing)
        ? []
        : [`ended as ${outcome}: ${message} (cleanup: ${cleanup})`];
    }),
  ];
}
