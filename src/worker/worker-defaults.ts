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
 * checks find these ACTIVE.
 */
const NEW_RUNS_SHARE = 0.9;

/** One poller in ten is for open waits. */
const POLLERS_PER_STEP = 10;

/**
 * A poller brings one task a round trip to the server. So their number follows the distance: a step more for each of these times, in
 * milliseconds, which is 100 tasks of open waits a second.
 */
const ROUND_TRIP_PER_STEP_MS = 10;

/** With 8 pollers for open waits, as many as with the SDK's defaults. */
const MAX_STEPS = 8;

/** Temporal refuses fewer, unless no workflow is cached. */
const MIN_POLLERS = 2;

type Defaults = Pick<
  WorkerOptions,
  | 'stickyQueueScheduleToStartTimeout'
  | 'maxConcurrentWorkflowTaskExecutions'
  | 'workflowTaskPollerBehavior'
  | 'nonStickyToStickyPollRatio'
>;

/** The options of a user on which a default depends. */
type Given = {
  readonly [
    Name in
      | 'tuner'
      | 'maxCachedWorkflows'
      | 'maxConcurrentWorkflowTaskExecutions'
      | 'maxConcurrentWorkflowTaskPolls'
      | 'workflowTaskPollerBehavior'
  ]?: WorkerOptions[Name] | undefined;
};

/**
 * The defaults, which the user's options override.
 *
 * @param given - the user's options. With a tuner, no number of slots is set: Temporal accepts only one of them. With pollers of the
 *   user's own, Temporal's share of new runs stays
 * @param roundTripMs - to the Temporal server
 */
export function workerDefaults(given: Given, roundTripMs: number): Defaults {
  const slots = given.maxConcurrentWorkflowTaskExecutions ?? WORKFLOW_TASK_SLOTS;
  return {
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    ...(!given.tuner && { maxConcurrentWorkflowTaskExecutions: slots }),
    ...(!given.workflowTaskPollerBehavior && pollers(given, slots, roundTripMs)),
  };
}

/**
 * If there are few, Temporal's share stays. The SDK's option `maxConcurrentWorkflowTaskPolls` is in its types, but the SDK (1.24) does
 * not read it.
 */
function pollers(
  { tuner, maxCachedWorkflows, maxConcurrentWorkflowTaskPolls }: Given,
  slots: number,
  roundTripMs: number,
): Defaults {
  const steps = Math.min(Math.max(Math.ceil(roundTripMs / ROUND_TRIP_PER_STEP_MS), 1), MAX_STEPS);
  const wanted = maxConcurrentWorkflowTaskPolls ?? steps * POLLERS_PER_STEP;
  // Each poller that waits for a task takes a slot, and room in the cache.
  const maximum = Math.min(wanted, tuner ? Infinity : slots, maxCachedWorkflows || Infinity);
  return {
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: Math.max(maximum, MIN_POLLERS) },
    ...(maximum >= POLLERS_PER_STEP && { nonStickyToStickyPollRatio: NEW_RUNS_SHARE }),
  };
}

/** Whether the distance to the server counts: the user's options may decide on the pollers. */
export function needsRoundTrip(given: Given): boolean {
  return !given.workflowTaskPollerBehavior && given.maxConcurrentWorkflowTaskPolls === undefined;
}
