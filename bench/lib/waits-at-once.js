/** Many waits at once on one worker. */
import { randomUUID } from 'node:crypto';
import { SMALL_BYTES, startAll } from './burst.js';
import { closedRuns, untilClosed } from './closed-runs.js';
import { contestants } from './contestants.js';
import { say } from './progress.js';
import { limit } from './report.js';
import { withWorld } from './world.js';

/**
 * A server, a provider and a worker of their own: what one run leaves behind must not weigh on the next.
 *
 * @param what - says in the progress which run this is
 * @param how - `count` of waits, `processingMs`, and options of the `worker`
 */
export async function waitsAtOnce(what, who, { count, processingMs, worker = {} }) {
  const measured = await withWorld({ processingMs }, async (world, makeFile) => {
    const { type, argument, start } = contestants[who];
    const path = await makeFile('small.mp4', SMALL_BYTES);
    const child = await start(world, { worker });
    try {
      const idle = await child.call('reset');
      await startAll(world.client, type, count, () => ({
        taskQueue: child.taskQueue,
        workflowId: randomUUID(),
        args: [argument(path)],
      }));
      await untilClosed(world.client, count);
      const usage = await child.call('usage');
      const books = await world.provider('books');
      return { open: count, ...(await closedRuns(world.client)), idleRss: idle.rss, ...usage, ...books };
    } finally {
      await child.end();
    }
  });
  // A run takes minutes: its time is printed as soon as it is known.
  say(`${what}: ${(measured.totalMs / 1000).toFixed(1)} s, ${measured.completed} of ${measured.open}`);
  return measured;
}

/** Each wait completes, and its file is uploaded once. */
export function completenessLimits(runs) {
  return [
    limit(
      'waits that did not complete',
      sum(runs, ({ open, completed }) => open - completed),
      0,
    ),
    limit(
      'files uploaded more than once',
      sum(runs, ({ open, starts, finals }) => Math.max(starts, finals) - open),
      0,
    ),
  ];
}

const sum = (list, value) => list.reduce((total, item) => total + value(item), 0);
