/** What else will happen, from the same seed: all that is done to workflows, workers and the provider beside kills and network faults. */
import { providerFault } from './provider-faults.js';
import { seeded } from './random.js';

const HOUR = 3_600_000;

/** How many of each kind, a workflow. */
const SHARES = {
  partition: 0.05,
  activityReset: 0.1,
  workflowReset: 0.06,
  termination: 0.08,
  sweep: 0.05,
  slowUpload: 0.5,
  slowFinalize: 0.12,
  lateFile: 0.12,
  intermediary: 0.3,
};

/** Wrong clocks of workers, milliseconds; 0 twice, so that a third of the workers is right. */
const CLOCKS = [0, 0, -3000, 3000, -5 * HOUR, 5 * HOUR];
/** Workers that are cut off; the base plan kills the same ones. */
const WORKERS = ['worker-0', 'worker-1'];

/** One that is spared, so that what the others leave is taken over, and cleaned up, while they still work on it. */
const SPARED = 'worker-2';

/** A worker has this long between two partitions, to take work on that the next one interrupts. */
const BETWEEN_PARTITIONS_MS = 6000;

/**
 * @param kills - of the base plan
 * @param spanMs - time over which they are spread
 * @returns `{events, clocks, kills}`: events by time, `{atMs, kind, …}`; of each worker the clock of its first, second, … process;
 *   the kills, most of which now spare a worker that is cut off. `pick` and `point` (0 to 1) choose among what is there when the
 *   event comes
 */
export function planDisturbances({ workflows, seed, spanMs, kills }) {
  // Its own stream of random numbers, so that the runs of a seed do not depend on it.
  const random = seeded(seed ^ 0x5eed);
  const events = Object.entries(SHARES).flatMap(([kind, share]) =>
    Array.from({ length: Math.ceil(workflows * share) }, () => ({
      atMs: random.between(0, Math.round(spanMs * 0.9)),
      kind,
      ...makeEvent(kind, random),
    })),
  );
  const partitions = WORKERS.flatMap((worker) => oneByOne(events.filter((event) => event.worker === worker)));
  const clocks = Object.fromEntries(
    [...WORKERS, SPARED].map((worker) => [
      worker,
      Array.from({ length: worker === SPARED ? 1 : 12 }, () => random.pick(CLOCKS)),
    ]),
  );
  return {
    events: [...events.filter(({ kind }) => kind !== 'partition'), ...partitions].sort(
      (a, b) => a.atMs - b.atMs,
    ),
    clocks,
    kills: kills.map((kill) => spare(kill, partitions, random)),
  };
}

/** What can be left out of a plan. */
export const KINDS = [...Object.keys(SHARES), 'clocks', 'faults'];

/** The same plan without some kinds; what is left comes at the same times. */
export function leaveOut(plan, kinds) {
  return {
    ...plan,
    events: plan.events.filter(({ kind }) => !kinds.includes(kind)),
    ...(kinds.includes('clocks') && {
      clocks: Object.fromEntries(Object.keys(plan.clocks).map((worker) => [worker, [0]])),
    }),
    ...(kinds.includes('faults') && { faults: [] }),
  };
}

function oneByOne(partitions) {
  let free = 0;
  return partitions
    .sort((a, b) => a.atMs - b.atMs)
    .map((partition) => {
      const atMs = Math.max(partition.atMs, free);
      free = atMs + partition.forMs + BETWEEN_PARTITIONS_MS;
      return { ...partition, atMs };
    });
}

/** A worker that dies while it is cut off does no harm; one that lives on is what partitions are about. */
function spare(kill, partitions, random) {
  const isCutOff = (worker) =>
    partitions.some(
      (partition) =>
        partition.worker === worker &&
        kill.atMs >= partition.atMs &&
        kill.atMs <= partition.atMs + partition.forMs + BETWEEN_PARTITIONS_MS,
    );
  if (random.chance(0.2) || !isCutOff(kill.victim)) return kill;
  return { ...kill, victim: WORKERS.find((worker) => !isCutOff(worker)) ?? kill.victim };
}

function makeEvent(kind, random) {
  switch (kind) {
    case 'partition':
      return {
        worker: random.pick(WORKERS),
        direction: random.pick(['both', 'both', 'answers']),
        // Mostly longer than the heartbeat timeout of 10 s: another worker takes the upload over.
        forMs: random.chance(0.6) ? random.between(12_000, 20_000) : random.between(1000, 10_000),
        reset: random.chance(0.5),
        pick: random.next(),
        cancel: random.chance(0.6),
      };
    case 'activityReset':
      return { pick: random.next(), resetHeartbeat: random.chance(0.5) };
    case 'workflowReset':
      return { pick: random.next(), point: random.next() };
    case 'termination':
      return { pick: random.next() };
    case 'sweep':
      return { olderThanMs: random.between(0, 3000), twins: random.chance(0.4) };
    default:
      return { fault: providerFault(kind, random) };
  }
}
