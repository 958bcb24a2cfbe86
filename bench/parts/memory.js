/** The memory of a worker whose waits are all asleep: what grows is the SDK's cache of workflows, which is bounded. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { contestants } from '../lib/contestants.js';
import { SMALL_BYTES, startAll } from '../lib/burst.js';
import { say } from '../lib/progress.js';
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
// The probe uses an experimental function, and Node.js would say so in each thread.
const execArgv = ['--disable-warning=ExperimentalWarning', '--import', probe];

/** By default, glibc keeps some of the memory that a burst of uploads needed, and how much varies from run to run. Other C libraries ignore this. */
const GIVES_BACK = {
  GLIBC_TUNABLES: ['arena_max=1', 'trim_threshold=4096', 'top_pad=0', 'mmap_threshold=65536']
    .map((setting) => `glibc.malloc.${setting}`)
    .join(':'),
};

/**
 * @param options - `count` of waits, and `asleep`: for each worker the shares of `count` that are `open`, the share that its `cache` holds,
 *   and whether its allocator `givesBack` what is free
 */
export async function memory({ count, asleep }) {
  const figures = [];
  for (const { open, cache, givesBack = false } of asleep) {
    const counts = open.map((share) => Math.ceil(count * share));
    const maxCachedWorkflows = cache && Math.max(2, Math.ceil(count * cache));
    say(`memory: ${counts.join(', then ')} open waits`);
    for (const measured of await openWaits(counts, maxCachedWorkflows, givesBack ? GIVES_BACK : {}))
      figures.push({ ...measured, maxCachedWorkflows, givesBack });
  }
  return { figures, limits: limitsOf(figures), tables: [tableOf(figures)] };
}

/**
 * One worker has all of them: what two processes of one program keep after a burst of uploads differs by more than what is measured.
 *
 * @param counts - waits that are asleep at once, the least first: each measurement adds to those of the one before
 * @param maxCachedWorkflows - of the worker; if absent, the SDK's default
 * @param env - variables of the worker
 */
async function openWaits(counts, maxCachedWorkflows, env) {
  return withWorld({ processingMs: LONG_MS }, async (world, makeFile) => {
    const { argument, start } = contestants.ours;
    const path = await makeFile('small.mp4', SMALL_BYTES);
    const worker = maxCachedWorkflows ? { maxCachedWorkflows } : {};
    const child = await start({ ...world, env }, { worker, execArgv });
    try {
      const { live: before, rss: idleRss } = await settledMemory(child);
      const measured = [];
      let asleep = 0;
      for (const open of counts) {
        await child.call('reset');
        await startAll(world.client, 'uploadAndWaitActive', open - asleep, () => ({
          taskQueue: child.taskQueue,
          workflowId: randomUUID(),
          args: [{ ...argument(path), ...LONG }],
        }));
        const cached = await untilAsleep(child, world, open - asleep);
        asleep = open;
        const { live, rss } = await settledMemory(child);
        measured.push({ open, cached, live: live - before, idleRss, rss });
      }
      return measured;
    } finally {
      await child.end();
    }
  });
}

/** Resolves once the further files are there and the worker has nothing to do. @returns how many workflows its cache holds */
async function untilAsleep(child, world, further) {
  let uploads = 0;
  let cached = 0;
  for (let still = 0; still < STILL;) {
    await sleep(LOOK_MS);
    uploads += (await world.provider('books')).finals;
    const status = await child.call('status');
    cached = status.numCachedWorkflows;
    const busy = status.numInFlightWorkflowActivations + status.numInFlightActivities > 0;
    still = uploads === further && !busy ? still + 1 : 0;
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

/** Most live memory that a further wait may take when the cache is full, in kB. */
const MOST_KB_FURTHER = 2;

/** With a small cache, three times the waits must not take more memory: what grows is the cache, and it is bounded. */
function limitsOf(measured) {
  const [some, more] = measured.filter(({ givesBack }) => givesBack);
  if (!some || !more) return [];
  const name = `growth with ${more.open} open waits ÷ with ${some.open}, with a cache of ${some.maxCachedWorkflows}`;
  const further = (more.live - some.live) / 1000 / (more.open - some.open);
  // Of few workflows, the worker's own memory would be most.
  const most = measured.reduce((a, b) => (b.cached > a.cached ? b : a));
  return [
    limit(name, growth(more) / growth(some), 1.25),
    limit(
      `kB of live heap for each wait beyond a cache of ${some.maxCachedWorkflows}`,
      further,
      MOST_KB_FURTHER,
    ),
    limit(`kB of live heap for each of ${most.cached} cached workflows`, kBEach(most), MOST_KB_CACHED),
  ];
}

const kBEach = ({ live, cached }) => live / 1000 / cached;

const growth = ({ rss, idleRss }) => rss - idleRss;

function tableOf(measured) {
  return table(
    [
      [
        "This package's worker, all waits asleep",
        ({ maxCachedWorkflows }) =>
          maxCachedWorkflows ? `a cache of ${maxCachedWorkflows}` : "the SDK's own cache",
      ],
      ['free memory', ({ givesBack }) => (givesBack ? 'given back' : 'as by default')],
      ['open waits', ({ open }) => String(open)],
      ['workflows in the cache', ({ cached }) => String(cached)],
      ['live on the heaps, MB', ({ live }) => megabytes(live)],
      ['kB a cached workflow', (row) => Math.round(kBEach(row)).toString()],
      ['idle, MB', ({ idleRss }) => megabytes(idleRss)],
      ['asleep, MB', ({ rss }) => megabytes(rss)],
      ['growth, MB', (row) => megabytes(growth(row))],
    ],
    measured,
  );
}
