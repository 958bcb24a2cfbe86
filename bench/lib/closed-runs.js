/** The end of many runs, as the server has it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { millis } from './histories.js';
import { median, percentile } from './stats.js';

/** A look at the server's visibility is cheap, and only the closes of the runs themselves are timed. */
const LOOK_MS = 500;

/**
 * None running is not enough to see: visibility lags behind, and does not know the last starts at first.
 *
 * @param onLook - called with the number of closed runs at each look; throws to end the wait
 */
export async function untilClosed(client, count, onLook = () => undefined) {
  for (;;) {
    const closed = await client.workflow.count('ExecutionStatus != "Running"');
    if (closed.count === count) return;
    onLook(closed.count);
    await sleep(LOOK_MS);
  }
}

/** By the server's clock: from the first start to the last close, and what a single run took. */
export async function closedRuns(client) {
  let completed = 0;
  let events = 0;
  const starts = [];
  const ends = [];
  for await (const { status, raw } of client.workflow.list({ pageSize: 1000 })) {
    if (status.name === 'COMPLETED') completed += 1;
    events += Number(raw.historyLength);
    starts.push(millis(raw.startTime));
    ends.push(millis(raw.closeTime));
  }
  const took = ends.map((end, index) => end - starts[index]);
  return {
    completed,
    events,
    totalMs: Math.max(...ends) - Math.min(...starts),
    waitMs: { p50: median(took), p99: percentile(took, 0.99) },
  };
}
