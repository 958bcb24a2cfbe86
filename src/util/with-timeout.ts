/**
 * The signal of something that is bounded in time, and that a caller may end earlier.
 *
 * A bare `AbortSignal.timeout` is not enough: `AbortSignal.any` holds what it combines weakly, and without a listener a garbage collection
 * takes the timeout before it fires (Node.js 20).
 */
export function withTimeout(ms: number, signal?: AbortSignal): AbortSignal {
  // eslint-disable-next-line no-restricted-properties -- its only use
  const timeout = AbortSignal.timeout(ms);
  timeout.addEventListener('abort', () => undefined, { once: true });
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}
