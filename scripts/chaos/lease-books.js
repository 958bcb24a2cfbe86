/** Whether the leases of a hold were kept to: it is open as long as one lasts, no acquire is lost, and it ends after the last. Pure. */

/** Clocks of the processes, and what is on its way. */
const SLACK_MS = 5000;

/**
 * @param runs - of the hold, in order: `{begins, signals, outcome, closedAt, cancelRequested}`. `begins` is `{acquired}`, the lease of
 *   the input, or `{carried, keptFile}`, what the run before handed on; `signals` are `{name, leaseId, forMs, atMs}`
 * @param open - of a hold whose last run is open: the leases that it has, by its query, and when it was asked: `{leases, atMs}`
 * @returns a line for each fault
 */
export function faultsOfLeases(runs, open) {
  return runs.flatMap((run, index) => {
    const book = bookOf(run);
    const lasting = (atMs) => lastingLeases(run, atMs + SLACK_MS);
    switch (run.outcome) {
      case 'completed':
        return lasting(run.closedAt).map((id) => `ended although ${id} lasts`);
      case 'continued':
        return faultsOfContinued(run, runs[index + 1], book, lasting(run.closedAt));
      case 'open':
        return open ? faultsOfOpen(book, lasting(open.atMs), open) : ['was not asked for its leases'];
      default:
        // A failure, a cancellation and a termination end all leases.
        return [];
    }
  });
}

/** The leases of a run that last beyond a time, if nothing more comes. */
export function lastingLeases(run, atMs) {
  return [...bookOf(run)].filter(([, until]) => until > atMs).map(([id]) => id);
}

/** By lease, until when it lasts at least, if it was not released. One that waited for the file lasts longer. */
function bookOf({ begins, signals }) {
  const { acquired, carried = [] } = begins;
  const book = new Map();
  const acquire = ({ leaseId, forMs, atMs }) =>
    book.set(leaseId, Math.max(book.get(leaseId) ?? 0, atMs + forMs));
  if (acquired) acquire(acquired);
  for (const { id, until, acquiredAt, forMs } of carried) book.set(id, until ?? acquiredAt + forMs);
  for (const signal of signals) {
    if (signal.name === 'acquireHold') acquire(signal);
    if (signal.name === 'releaseHold') book.delete(signal.leaseId);
  }
  return book;
}

function faultsOfContinued({ cancelRequested, signals }, next, book, lasting) {
  if (!next?.begins.carried) return ['continued as new, and there is no next run'];
  const { carried, keptFile } = next.begins;
  const ids = carried.map(({ id }) => id);
  const known = new Set([...book.keys(), ...signals.map(({ leaseId }) => leaseId)]);
  // A cancelled hold ends its leases, and begins anew with those that came meanwhile.
  const lost = keptFile || !cancelRequested ? lasting.filter((id) => !ids.includes(id)) : [];
  return [
    ...lost.map((id) => `lost ${id} when it continued as new`),
    ...ids.filter((id) => !known.has(id)).map((id) => `invented ${id} when it continued as new`),
  ];
}

function faultsOfOpen(book, lasting, { leases }) {
  const ids = leases.map(({ id }) => id);
  return [
    ...(ids.length === 0 ? ['is open without a lease'] : []),
    ...lasting.filter((id) => !ids.includes(id)).map((id) => `lost ${id}`),
    ...ids.filter((id) => !book.has(id)).map((id) => `has ${id}, which was released`),
  ];
}

/**
 * Failures that callers were told, although the hold had not been ended and their lease lasted.
 *
 * @param failures - `{leaseId, step, atMs, name, message}`
 * @param runs - of the hold, as above
 */
export function unfoundedFailures(failures, runs) {
  const wasEnded = runs.some(
    ({ outcome, cancelRequested }) =>
      cancelRequested || !['open', 'completed', 'continued'].includes(outcome),
  );
  if (wasEnded) return [];
  return failures
    .filter(({ leaseId, step, atMs }) => step === 'acquire' || untilOf(leaseId, runs, atMs) > atMs + SLACK_MS)
    .map(({ leaseId, step, name, message }) => `${step} of ${leaseId} failed with ${name}: ${message}`);
}

/** Until when a lease lasted at least, by what had come before `atMs`. */
function untilOf(leaseId, runs, atMs) {
  const before = runs.flatMap(({ begins: { acquired }, signals }) => [
    ...(acquired ? [{ name: 'acquireHold', ...acquired }] : []),
    ...signals,
  ]);
  return before
    .filter((signal) => signal.leaseId === leaseId && signal.atMs < atMs)
    .reduce(
      (until, signal) => (signal.name === 'acquireHold' ? Math.max(until, signal.atMs + signal.forMs) : 0),
      0,
    );
}
