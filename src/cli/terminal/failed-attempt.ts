import type { AttemptFailure } from '../../client/index.js';

/** An attempt that failed, in words. */
export function failedAttempt({ attempt, message }: AttemptFailure): string {
  return `attempt ${attempt}: ${message ?? 'its reason is encrypted'}`;
}
