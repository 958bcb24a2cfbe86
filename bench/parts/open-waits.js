/** What open waits take in memory while they sleep: the SDK's cache of workflows, which is bounded. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { contestants } from '../lib/contestants.js';
import { SMALL_BYTES, startAll } from '../lib/burst.js';
import { limit } from '../lib/report.js';
import { megabytes, table } from '../lib/table.js';
import { withWorld } from '../lib/world.js';

const LOOK_MS = 200;
/** Looks in a row at a worker that has nothing to do, or whose memory does not shrink. */
const STILL = 5;

/** Longer than the measurement: no wait ends, or looks, before it is over. */
const LONG_MS = 3_600_000;
const LONG = { timeout: '1h', pollInterval: '30m', maxPollInterval: '30m' };

const probe = fileURLToPath(new URL('../programs/heap-probe.js', import.meta.url));

/**
 * @param open - waits that are asleep at once
 * @param maxCachedWorkflows - of the worker; if absent, the SDK's default
 */
export async function openWaits(open, maxCachedWorkflows) {
  return withWorld({ processingMs: LONG_MS }, async (world, makeFile) => {
    const { argument, start } = contestants.ours;
    const path = await makeFile('small.mp4', SMALL_BYTES);
    const worker = maxCachedWorkflows ? { maxCachedWorkflows } : {};
    const child = await start(world, { worker, execArgv: ['--expose-gc', '--import', probe] });
    try {
      const { live: before, rss: idleRss } = await settledMemory(child);
      await child.call('reset');
      await startAll(world.client, 'uploadAndWaitActive', open, () => ({
        taskQueue: child.taskQueue,
        workflowId: randomUUID(),
        args: [{ ...argument(path), ...LONG }],
      }));
      const cached = await asleep(child, world, open);
      const { peakRss } = await child.call('usage');
      const { live, rss } = await settledMemory(child);
      return { open, maxCachedWorkflows, cached, live: live - before, idleRss, rss, peakRss };
    } finally {
      await child.end();
    }
  });
}

/** Resolves once all files are there and the worker has nothing to do. @returns how many workflows its cache holds */
async function asleep(child, world, open) {
  let uploads = 0;
  let cached = 0;
  for (let still = 0; still < STILL;) {
    await sleep(LOOK_MS);
    uploads += (await world.provider('books')).finals;
    const status = await child.call('status');
    cached = status.numCachedWorkflows;
    const busy = status.numInFlightWorkflowActivations + status.numInFlightActivities > 0;
    still = uploads === open && !busy ? still + 1 : 0;
  }
  return cached;
}

/** The least memory after some garbage collections: V8 gives pages back some time after each. */
async function settledMemory(child) {
  const least = { live: Infinity, rss: Infinity };
  for (let still = 0; still < STILL;) {
    await sleep(LOOK_MS);
    const live = await child.call('heap');
    const { rss } = await child.call('usage');
    still = rss < 0.99 * least.rss ? 0 : still + 1;
    Object.assign(least, { live: Math.min(live, least.live), rss: Math.min(rss, least.rss) });
  }
  return least;
}

/** Most live memory that a cached workflow may take, in kB. */
const MOST_KB_CACHED = 150;

/** With a small cache, three times the waits must not take more memory: what grows is the cache, and it is bounded. */
export function openWaitsLimits(measured) {
  const [some, more] = measured.filter(({ maxCachedWorkflows }) => maxCachedWorkflows);
  if (!some || !more) return [];
  const name = `growth with ${more.open} open waits ÷ with ${some.open}, both with a cache of ${some.maxCachedWorkflows}`;
  // Of few workflows, the worker's own memory would be most.
  const most = measured.reduce((a, b) => (b.cached > a.cached ? b : a));
  return [
    limit(name, growth(more) / growth(some), 1.25),
    limit(`kB of live heap for each of ${most.cached} cached workflows`, kBEach(most), MOST_KB_CACHED),
  ];
}

const kBEach = ({ live, cached }) => live / 1000 / cached;

const growth = ({ rss, idleRss }) => rss - idleRss;

export function openWaitsTable(measured) {
  return table(
    [
      [
        "This package's worker, all waits asleep",
        ({ maxCachedWorkflows }) =>
          maxCachedWorkflows ? `a cache of ${maxCachedWorkflows}` : "the SDK's own cache",
      ],
      ['open waits', ({ open }) => String(open)],
      ['workflows in the cache', ({ cached }) => String(cached)],
      ['live on the heaps, MB', ({ live }) => megabytes(live)],
      ['kB a cached workflow', (row) => Math.round(kBEach(row)).toString()],
      ['idle, MB', ({ idleRss }) => megabytes(idleRss)],
      ['asleep, MB', ({ rss }) => megabytes(rss)],
      ['growth, MB', (row) => megabytes(growth(row))],
      ['peak, MB', ({ peakRss }) => megabytes(peakRss)],
    ],
    measured,
  );
}
