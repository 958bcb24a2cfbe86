/** What every request to the provider needs. */

import { hideKeys } from '../contract/show.js';
import { GeminiApiError, type ApiErrorKind, type Operation } from './api-error.js';

export interface GeminiConnection {
  readonly baseUrl: URL;
  readonly apiKey: string;
  /** A request without any byte moving for this long is broken, in milliseconds. @default 30000 */
  readonly stallTimeoutMs?: number;
  /** Bound of get, delete, list, start, query and cancel, in milliseconds. @default 20000 */
  readonly requestTimeoutMs?: number;
  /** Told of the outcome of every request, to be counted. No secret is in it. */
  readonly onOutcome?: (outcome: RequestOutcome) => void;
}

export interface RequestOutcome {
  readonly operation: Operation;
  /** HTTP status; absent where no complete answer came. */
  readonly status?: number;
  /** What the error meant; absent on a success. */
  readonly kind?: ApiErrorKind;
  /** The provider's clock: the answer's Date header, milliseconds since the epoch, in whole seconds. */
  readonly dateMs?: number;
}

/** Tells of an answer that was a success. */
export function reportSuccess(
  { onOutcome }: GeminiConnection,
  operation: Operation,
  status: number,
  date: string | null | undefined,
): void {
  const dateMs = Date.parse(date ?? '');
  onOutcome?.({ operation, status, ...(Number.isFinite(dateMs) && { dateMs }) });
}

/** Tells of `error`, and returns it to be thrown. */
export function reported({ onOutcome }: GeminiConnection, error: GeminiApiError): GeminiApiError {
  const { operation, status, kind } = error;
  onOutcome?.({ operation, kind, ...(status !== undefined && { status }) });
  return error;
}

export const STALL_TIMEOUT_MS = 30_000;
export const REQUEST_TIMEOUT_MS = 20_000;

/** Shorter values of an upload URL, such as `resumable`, are words and no secret. */
const MIN_SECRET_LENGTH = 12;

/** `text` without the key, or any other of Google's, and the secret part of the request's own URL, should a server have echoed them. */
export function withoutSecrets(text: string, { apiKey }: GeminiConnection, url?: URL): string {
  const key = apiKey === '' ? [] : [apiKey, encodeURIComponent(apiKey)];
  const session = [...(url?.searchParams.values() ?? [])]
    .filter((value) => value.length >= MIN_SECRET_LENGTH)
    .flatMap((value) => [value, encodeURIComponent(value)]);
  const withoutKeys = key.reduce((rest, secret) => rest.replaceAll(secret, '[key]'), text);
  return hideKeys(session.reduce((rest, secret) => rest.replaceAll(secret, '[session]'), withoutKeys));
}

/**
 * Refuses a key that no header can carry. `fetch` would refuse it too, with the key in its message.
 *
 * @throws GeminiApiError of kind `credentials`
 */
export function assertSendable({ apiKey }: GeminiConnection, operation: Operation): void {
  if (/^[\x21-\x7e]+$/.test(apiKey)) return;
  const message =
    apiKey === ''
      ? 'there is no API key'
      : 'the API key has characters that no API key has, such as a space or a line break';
  throw new GeminiApiError(`${operation}: ${message}; nothing was sent`, { kind: 'credentials', operation });
}

/** The signal of one request: the caller's, and a bound of its own. */
export function boundSignal(ms: number, signal?: AbortSignal): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}
