/** What every request to the provider needs. */

export interface GeminiConnection {
  readonly baseUrl: URL;
  readonly apiKey: string;
  /** A request without any byte moving for this long is broken, in milliseconds. @default 30000 */
  readonly stallTimeoutMs?: number;
  /** Bound of get, delete, list, start, query and cancel, in milliseconds. @default 20000 */
  readonly requestTimeoutMs?: number;
}

export const STALL_TIMEOUT_MS = 30_000;
export const REQUEST_TIMEOUT_MS = 20_000;

/** `text` without the key, should a server have echoed it. */
export function withoutKey(text: string, apiKey: string): string {
  return apiKey === ''
    ? text
    : text.replaceAll(apiKey, '[key]').replaceAll(encodeURIComponent(apiKey), '[key]');
}

/** The signal of one request: the caller's, and a bound of its own. */
export function boundSignal(ms: number, signal?: AbortSignal): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}
