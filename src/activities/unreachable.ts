import { Context } from '@temporalio/activity';
import type { GeminiApiError } from '../gemini/index.js';
import { attemptTime, sinceFirstAttemptMs } from './attempt-time.js';
import type { ActivityDependencies } from './dependencies.js';

/**
 * Tells of an error whether no connection to the provider could be made for `unreachableTimeoutMs`, from the first attempt on. Call it at
 * the start of the attempt.
 */
export function unreachableTooLong(deps: ActivityDependencies): (error: GeminiApiError) => boolean {
  const leftMs = unreachableLeft(deps);
  return (error) => error.kind === 'connection' && leftMs() <= 0;
}

/** A request for which there is little time gets at least this much, in milliseconds. */
const MIN_REQUEST_MS = 1000;

/** Timers may fire a little early. */
const TIMER_MS = 10;

/** The time of one request, in milliseconds: a server that accepts connections and stays silent is not reached either. */
export function requestTimeWithin(deps: ActivityDependencies): (timeoutMs: number) => number {
  const leftMs = unreachableLeft(deps);
  return (timeoutMs) => Math.min(timeoutMs, Math.max(MIN_REQUEST_MS, Math.ceil(leftMs()) + TIMER_MS));
}

function unreachableLeft({
  unreachableTimeoutMs = Number.POSITIVE_INFINITY,
}: ActivityDependencies): () => number {
  const { info } = Context.current();
  const { elapsedMs } = attemptTime(info);
  return () => unreachableTimeoutMs - sinceFirstAttemptMs(info) - elapsedMs();
}
