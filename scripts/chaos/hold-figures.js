/** The figures of the holds in the printed line. */
import { isOpen } from './hold-books.js';

/** @param holds - as the books have them */
export function countHolds(holds) {
  const runs = holds.flatMap((hold) => hold.runs);
  const steps = {};
  for (const hold of holds)
    for (const [step, times] of Object.entries(hold.steps)) steps[step] = (steps[step] ?? 0) + times;
  const ends = {};
  for (const { outcome } of runs) ends[outcome] = (ends[outcome] ?? 0) + 1;
  return {
    holds: holds.length,
    openHolds: holds.filter(isOpen).length,
    holdRuns: ends,
    renewals: holds.reduce((sum, hold) => sum + renewalsOf(hold), 0),
    renewedOpenHolds: holds.filter((hold) => isOpen(hold) && renewalsOf(hold) > 0).length,
    leases: new Set(holds.flatMap(({ holdId, runs: its }) => leasesOf(its).map((id) => `${holdId} ${id}`)))
      .size,
    leaseSteps: steps,
    handedOut: holds.reduce((sum, { handedOut }) => sum + handedOut.length, 0),
  };
}

/** What ended runs and queries tell of renewals; of a run that was terminated, what it began with. */
function renewalsOf({ runs, look }) {
  return runs.reduce((sum, { begins, outcome, result }, index) => {
    if (outcome === 'continued' && runs[index + 1]?.begins.keptFile) return sum;
    if (outcome === 'open') return sum + (look?.status.renewals ?? 0);
    return sum + (result?.renewals ?? begins.renewals ?? 0);
  }, 0);
}

function leasesOf(runs) {
  return runs.flatMap(({ begins: { acquired }, signals }) => [
    ...(acquired ? [acquired.leaseId] : []),
    ...signals.filter(({ name }) => name === 'acquireHold').map(({ leaseId }) => leaseId),
  ]);
}
