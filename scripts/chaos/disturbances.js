/** What else will happen, from the same seed: all that is done to workflows, workers and the provider beside kills and network faults. */
import { providerFault } from './provider-faults.js';
import { seeded } from './random.js';

const HOUR = 3_600_000;

/** How many of each kind, a workflow. */
const SHARES = {
  partition: 0.06,
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
const WORKERS = ['worker-0', 'worker-1'];

/**
 * @param spanMs - time over which they are spread
 * @returns `{events, clocks}`: events by time, `{atMs, kind, …}`; of each worker the clock of its first, second, … process. `pick`
 *   and `point` (0 to 1) choose among what is there when the event comes
 */
export function planDisturbances({ workflows, seed, spanMs }) {
  // Its own stream of random numbers, so that the runs of a seed do not depend on it.
  const random = seeded(seed ^ 0x5eed);
  const events = Object.entries(SHARES).flatMap(([kind, share]) =>
    Array.from({ length: Math.ceil(workflows * share) }, () => ({
      atMs: random.between(0, spanMs),
      kind,
      ...makeEvent(kind, random),
    })),
  );
  events.sort((a, b) => a.atMs - b.atMs);
  const clocks = Object.fromEntries(
    WORKERS.map((worker) => [worker, Array.from({ length: 12 }, () => random.pick(CLOCKS))]),
  );
  return { events, clocks };
}

function makeEvent(kind, random) {
  switch (kind) {
    case 'partition':
      return {
        worker: random.pick(WORKERS),
        direction: random.pick(['both', 'both', 'answers']),
        // The heartbeat timeout, 10 s, lies in the middle.
        forMs: random.between(1000, 18_000),
        reset: random.chance(0.5),
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
