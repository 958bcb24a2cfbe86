/** Many waits open at once on one worker: time, memory, and that nothing is uploaded twice. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { contestants } from '../lib/contestants.js';
import { millis } from '../lib/histories.js';
import { say } from '../lib/progress.js';
import { limit } from '../lib/report.js';
import { median, medianRatio, percentile } from '../lib/stats.js';
import { withWorld } from '../lib/world.js';
import { loadTables } from './load-tables.js';

const SMALL_BYTES = 4096;
/** Starts that are under way at once; the server, not the client, shall be what limits them. */
const STARTERS = 20;
/** A look at the server's visibility is cheap, and only the closes of the runs themselves are timed. */
const LOOK_MS = 500;

/** Memory by number of open waits, and with a cache that is smaller than that. */
const GROWTH = [
  { title: 'default cache', share: 0.1 },
  { title: 'default cache', share: 1 },
  { title: 'default cache', share: 3 },
  { title: 'cache of a tenth', share: 1, cacheShare: 0.1 },
  { title: 'cache of a tenth', share: 3, cacheShare: 0.1 },
];

/** @param options - `count` of waits, `processingMs`, `rounds` */
export async function load({ count, processingMs, rounds }) {
  const runs = { plain: [], ours: [] };
  const growth = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const who of ['plain', 'ours']) {
      say(`load, round ${round} of ${rounds}: ${who}`);
      runs[who].push(await waits(who, count, processingMs));
    }
  }
  for (const { title, share, cacheShare } of GROWTH) {
    const open = Math.ceil(count * share);
    const maxCachedWorkflows = cacheShare && Math.max(2, Math.ceil(count * cacheShare));
    say(`load, ${open} waits, ${title}`);
    const worker = maxCachedWorkflows ? { maxCachedWorkflows } : {};
    growth.push({ title, open, maxCachedWorkflows, ...(await waits('ours', open, processingMs, worker)) });
  }
  const figures = { count, processingMs, runs, growth };
  const total = (who) => runs[who].map(({ totalMs }) => totalMs);
  const ours = [...runs.ours, ...growth];
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

const sum = (list, value) => list.reduce((total, item) => total + value(item), 0);

/** A server, a provider and a worker of their own: what one run leaves behind must not weigh on the next. */
export async function waits(who, open, processingMs, worker = {}) {
  return withWorld({ processingMs }, async (world, makeFile) => {
    const { type, argument, start } = contestants[who];
    const path = await makeFile('small.mp4', SMALL_BYTES);
    const child = await start(world, { worker });
    try {
      const idle = await child.call('reset');
      await startAll(world.client, open, () => ({
        type,
        options: { taskQueue: child.taskQueue, workflowId: randomUUID(), args: [argument(path)] },
      }));
      await untilClosed(world.client);
      const usage = await child.call('usage');
      const books = await world.provider('books');
      return { open, ...(await closes(world.client)), idleRss: idle.rss, ...usage, ...books };
    } finally {
      await child.end();
    }
  });
}

async function startAll(client, count, make) {
  let left = count;
  const starter = async () => {
    while (left > 0) {
      left -= 1;
      const { type, options } = make();
      await client.workflow.start(type, options);
    }
  };
  await Promise.all(Array.from({ length: STARTERS }, starter));
}

async function untilClosed(client) {
  for (;;) {
    const { count } = await client.workflow.count('ExecutionStatus = "Running"');
    if (count === 0) return;
    await sleep(LOOK_MS);
  }
}

/** By the server's clock: from the first start to the last close, and what a single wait took. */
async function closes(client) {
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
