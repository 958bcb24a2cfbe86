/** How much time an activity has: counted from the attempt's own start on a monotonic clock, never by comparing two machines' clocks. */

import type { Info } from '@temporalio/activity';

type Times = Pick<
  Info,
  | 'scheduledTimestampMs'
  | 'currentAttemptScheduledTimestampMs'
  | 'scheduleToCloseTimeoutMs'
  | 'startToCloseTimeoutMs'
>;

type Scheduled = Pick<Times, 'scheduledTimestampMs' | 'currentAttemptScheduledTimestampMs'>;

export interface AttemptTime {
  /** The time until `scheduleToCloseTimeout` at the start of this attempt, in milliseconds; infinite if nothing bounds it. */
  readonly totalMs: number;
  /** What is left of it now; not below 0. */
  readonly leftMs: () => number;
  /** What has passed since the start of the attempt, in milliseconds. */
  readonly elapsedMs: () => number;
  /** The time until `startToCloseTimeout`, which ends this attempt alone; infinite if `totalMs` is over by then. */
  readonly attemptMs: number;
  /** What is left of that now. */
  readonly attemptLeftMs: () => number;
}

/** When this attempt was scheduled, by the server's clock, in milliseconds since the epoch. */
export function attemptScheduledMs(info: Scheduled): number {
  return Math.max(info.scheduledTimestampMs, info.currentAttemptScheduledTimestampMs);
}

/** Both times are the server's, so a wrong clock of the worker does not matter. */
export function sinceFirstAttemptMs(info: Scheduled): number {
  return info.scheduledTimestampMs > 0 ? attemptScheduledMs(info) - info.scheduledTimestampMs : 0;
}

/**
 * Call it at the start of the attempt. The time for which the attempt waited for a worker is not known, so `leftMs` can be
 * too long by that: Temporal ends such an attempt by its answer to a heartbeat.
 *
 * @param boundMs - another bound, from the start of the attempt
 */
export function attemptTime(info: Times, boundMs = Number.POSITIVE_INFINITY): AttemptTime {
  const startedAt = performance.now();
  const { scheduleToCloseTimeoutMs: timeoutMs, startToCloseTimeoutMs: ownMs } = info;
  const untilClose = timeoutMs > 0 ? timeoutMs - sinceFirstAttemptMs(info) : Number.POSITIVE_INFINITY;
  const totalMs = Math.max(0, Math.min(untilClose, boundMs));
  // Temporal's default is the time for all attempts.
  const attemptMs = ownMs > 0 && ownMs < totalMs ? ownMs : Number.POSITIVE_INFINITY;
  const elapsedMs = () => performance.now() - startedAt;
  const left = (ms: number) => Math.max(0, ms - elapsedMs());
  return { totalMs, elapsedMs, leftMs: () => left(totalMs), attemptMs, attemptLeftMs: () => left(attemptMs) };
}
