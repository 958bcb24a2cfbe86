/** The package's defaults for Temporal's worker options. The reasons are measured: docs/performance.md, load. */

import type { WorkerOptions } from '@temporalio/worker';

/**
 * Another worker takes over the waits of a dead one after this time (Temporal's default is 10 s). The price: a worker that is only
 * slow to answer causes a replay.
 */
const STICKY_TIMEOUT = '3s';

/** Three times the SDK's default: bursts of checks complete sooner. */
const WORKFLOW_TASK_SLOTS = 120;

/**
 * In a burst, new runs have priority over open waits: while they upload, the provider processes the earlier files, and the later
 * checks find these ACTIVE. An idle long poll costs almost nothing.
 */
const POLLERS = 80;

/** As many as with the SDK's defaults: each brings one task of an open wait a round trip to the server. */
const POLLERS_OF_OPEN_WAITS = 8;

type Defaults = Pick<
  WorkerOptions,
  | 'stickyQueueScheduleToStartTimeout'
  | 'maxConcurrentWorkflowTaskExecutions'
  | 'workflowTaskPollerBehavior'
  | 'nonStickyToStickyPollRatio'
>;

/** The options of a user on which a default depends. */
type Given = Pick<
  WorkerOptions,
  | 'tuner'
  | 'maxConcurrentWorkflowTaskExecutions'
  | 'maxConcurrentWorkflowTaskPolls'
  | 'workflowTaskPollerBehavior'
>;

/**
 * The defaults, which the user's options override.
 *
 * @param given - the user's options. With a tuner, no number of slots is set: Temporal accepts only one of them. With pollers of the
 *   user's own, Temporal's share of new runs stays
 */
export function workerDefaults(given: Given = {}): Defaults {
  const slots = given.maxConcurrentWorkflowTaskExecutions ?? WORKFLOW_TASK_SLOTS;
  return {
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    ...(!given.tuner && { maxConcurrentWorkflowTaskExecutions: slots }),
    ...(!given.workflowTaskPollerBehavior &&
      pollers(Math.min(given.maxConcurrentWorkflowTaskPolls ?? POLLERS, given.tuner ? Infinity : slots))),
  };
}

/**
 * So many pollers, most of them for new runs. If there are few, Temporal's share stays. The SDK's option
 * `maxConcurrentWorkflowTaskPolls` is in its types, but the SDK (1.24) does not read it.
 */
function pollers(maximum: number): Defaults {
  return {
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum },
    ...(maximum > 2 * POLLERS_OF_OPEN_WAITS && {
      nonStickyToStickyPollRatio: (maximum - POLLERS_OF_OPEN_WAITS) / maximum,
    }),
  };
}
