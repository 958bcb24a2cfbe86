import { Context } from '@temporalio/activity';
import type { GeminiApiError } from '../gemini/index.js';
import { attemptTime, sinceFirstAttemptMs } from './attempt-time.js';
import type { ActivityDependencies } from './dependencies.js';

/**
 * Tells of an error whether no connection to the provider could be made for `unreachableTimeoutMs`, from the first attempt on. Call it at
 * the start of the attempt.
 */
export function unreachableTooLong({
  unreachableTimeoutMs = Number.POSITIVE_INFINITY,
}: ActivityDependencies): (error: GeminiApiError) => boolean {
  const { info } = Context.current();
  const { elapsedMs } = attemptTime(info);
  return (error) =>
    error.kind === 'connection' && sinceFirstAttemptMs(info) + elapsedMs() >= unreachableTimeoutMs;
}
