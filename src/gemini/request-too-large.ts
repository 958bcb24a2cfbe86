/** A gateway that takes no request of such a length (413), or none that takes so long. */

import { GeminiApiError } from './api-error.js';

/** Whether a gateway refuses the request for its length. The provider itself would refuse the file. */
export function isTooLarge(error: unknown): error is GeminiApiError {
  return (
    error instanceof GeminiApiError && error.status === 413 && error.kind === 'rejected' && !error.ofProvider
  );
}

/** What gateways answer, beside a broken connection, to a request that takes longer than they allow. */
const TIMED_OUT: ReadonlySet<number> = new Set([408, 502, 503, 504]);

/** Whether a gateway may have given up the request for the time that it took. */
export function mayBeTooSlow(error: unknown): boolean {
  if (!(error instanceof GeminiApiError) || error.ofProvider) return false;
  return error.kind === 'connection' || (error.status !== undefined && TIMED_OUT.has(error.status));
}

/** The error for a request that cannot be made smaller. */
export function requestTooLarge(error: GeminiApiError, bytes: number): GeminiApiError {
  return new GeminiApiError(
    `${error.message}. That was a request of ${bytes} bytes, and something on the way to the provider takes none of that size (413): ` +
      'raise its limit for bodies of requests',
    { kind: 'rejected', operation: 'upload', status: 413, cause: error },
  );
}
