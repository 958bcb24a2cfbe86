/** What the server itself says of the runs. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Temporal's words for how the runs of the books ended. */
export function expectedStatuses(runs) {
  const counts = {};
  for (const { outcome } of runs) {
    const status = { completed: 'Completed', cancelled: 'Canceled' }[outcome] ?? 'Failed';
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

/** Counts by status. Visibility follows the runs, so it is asked until it has as many closed ones as there are, at most 30 s. */
export async function closedStatuses(client, query, total) {
  for (const deadline = Date.now() + 30_000; ; await sleep(200)) {
    const { count, groups } = await client.workflow.count(`${query} GROUP BY ExecutionStatus`);
    const counts = Object.fromEntries(groups.map(({ groupValues, count }) => [groupValues[0], count]));
    if ((count === total && !counts.Running) || Date.now() > deadline) return counts;
  }
}
