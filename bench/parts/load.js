/** Many waits at once on one worker: time, and that nothing is uploaded twice. */
import { randomUUID } from 'node:crypto';
import { SMALL_BYTES, startAll } from '../lib/burst.js';
import { closedRuns, untilClosed } from '../lib/closed-runs.js';
import { contestants } from '../lib/contestants.js';
import { say } from '../lib/progress.js';
import { limit } from '../lib/report.js';
import { medianRatio } from '../lib/stats.js';
import { withWorld } from '../lib/world.js';
import { loadTables } from './load-tables.js';

/**
 * @param options - `count` of waits, `processingMs`, `rounds`, and `variants` of the worker
 */
export async function load({ count, processingMs, rounds, variants }) {
  const runs = { plain: [], ours: [] };
  const tried = variants.map(({ title }) => ({ title, runs: [] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const who of ['plain', 'ours']) {
      runs[who].push(told(`load, round ${round}: ${who}`, await waits(who, count, processingMs)));
    }
    for (const [index, { title, worker }] of variants.entries()) {
      tried[index].runs.push(
        told(`load, round ${round}: ${title}`, await waits('ours', count, processingMs, worker)),
      );
    }
  }
  const figures = { count, processingMs, runs, variants: tried };
  const total = (who) => runs[who].map(({ totalMs }) => totalMs);
  const ours = [...runs.ours, ...tried.flatMap((variant) => variant.runs)];
  return {
    figures,
    limits: [
      limit('total time ÷ plainest workflow', medianRatio(total('ours'), total('plain')), 1),
      limit(
        'waits that did not complete',
        sum(ours, ({ open, completed }) => open - completed),
        0,
      ),
      limit(
        'files uploaded more than once',
        sum(ours, ({ open, starts, finals }) => Math.max(starts, finals) - open),
        0,
      ),
    ],
    tables: loadTables(figures),
  };
}

/** A run takes minutes: print its time as soon as it is known. */
function told(what, measured) {
  say(`${what}: ${(measured.totalMs / 1000).toFixed(1)} s, ${measured.completed} of ${measured.open}`);
  return measured;
}

const sum = (list, value) => list.reduce((total, item) => total + value(item), 0);

/** A server, a provider and a worker of their own: what one run leaves behind must not weigh on the next. */
async function waits(who, open, processingMs, worker = {}) {
  return withWorld({ processingMs }, async (world, makeFile) => {
    const { type, argument, start } = contestants[who];
    const path = await makeFile('small.mp4', SMALL_BYTES);
    const child = await start(world, { worker });
    try {
      const idle = await child.call('reset');
      await startAll(world.client, type, open, () => ({
        taskQueue: child.taskQueue,
        workflowId: randomUUID(),
        args: [argument(path)],
      }));
      await untilClosed(world.client, open);
      const usage = await child.call('usage');
      const books = await world.provider('books');
      return { open, ...(await closedRuns(world.client)), idleRss: idle.rss, ...usage, ...books };
    } finally {
      await child.end();
    }
  });
}
