import type { AttemptFailure } from '../../client/index.js';
import { formatTime } from './format.js';

/** An attempt that failed, in words. */
export function failedAttempt({ attempt, message }: AttemptFailure): string {
  return `attempt ${attempt}: ${message ?? 'its reason is encrypted'}`;
}

/** The rows of `status` about the activity under way. */
export function failureRows(lastFailure: AttemptFailure | undefined): [string, string | null][] {
  if (!lastFailure) return [];
  const { nextAttemptAt } = lastFailure;
  return [
    ['failed', failedAttempt(lastFailure)],
    ['next attempt', nextAttemptAt && formatTime(nextAttemptAt)],
  ];
}
