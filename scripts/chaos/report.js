/** What a run of chaos prints: one line of figures, and if the books do not balance, why. */
import { bytesReceivedPerByteOfFiles } from './books.js';
import { explain } from './explain.js';
import { countHolds } from './hold-figures.js';

/** At most so many uploads are explained in full. */
const MAX_EXPLAINED = 12;

/**
 * @param checks - the first and the second
 * @returns `{report, lines}`
 */
export async function report({ world, plan, options, entries, troubles, checks, notes, begin, ...figures }) {
  const [first, again] = checks;
  const { seconds, killed, met, replayed } = figures;
  const source = await world.sources.call('counts');
  const balanced = [first.wrong, again.wrong, troubles].every((lines) => lines.length === 0);
  const line = {
    seed: options.seed,
    ...first.counts,
    ...countHolds(again.holds),
    killed,
    faults: plan.faults.length,
    disturbances: { ...met, shiftedClocks: world.shiftedClocks() },
    faultsMet: again.books.faultsMet,
    sources: [...plan.runs, ...plan.holds].filter((run) => run.source).length,
    sourceFaultsMet: source.faultsMet,
    changedSources: source.changed,
    requests: again.books.requests,
    bytesReceivedPerByteOfFiles: bytesReceivedPerByteOfFiles(entries, again.books.bytes),
    seconds,
    replayed,
    checks: [0, options.recheck].map((afterSeconds, index) => {
      const { books, counts, wrong } = checks[index];
      return { afterSeconds, files: books.files.length, unowned: counts.unowned, wrong: wrong.length };
    }),
    balanced,
  };
  const lines = [
    ...[...troubles, ...first.wrong].map((text) => `NOT BALANCED: ${text}`),
    ...again.wrong
      .filter((text) => !first.wrong.includes(text))
      .map((text) => `NOT BALANCED ${options.recheck} s later: ${text}`),
  ];
  const all = [...entries, ...again.holds.flatMap(toEntries)];
  const asked = all.filter(({ plan: { index } }) => options.explained.includes(String(index)));
  const suspects = [...first.suspects, ...again.suspects].slice(0, MAX_EXPLAINED);
  for (const displayName of new Set([...asked.map((entry) => entry.displayName), ...suspects])) {
    const log = await world.emulator.call('log', displayName);
    lines.push('', ...explain({ displayName, entries: all, notes, log, begin }));
  }
  return { report: line, lines };
}

/** The runs of a hold as the explanations take runs. */
function toEntries({ runs, displayName, holdId, plan }) {
  return runs.map(({ runId, ...run }) => ({
    ...run,
    displayName,
    plan,
    workflowId: holdId,
    label: `${holdId}, run ${runId}`,
  }));
}
