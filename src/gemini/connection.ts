/** What every request to the provider needs. */

import type { ErrorKind, Operation } from '../contract/error-kind.js';
import { hideKeys } from '../contract/show.js';
import { optional, readOptions, required } from '../contract/fields.js';
import { invalidOption } from '../contract/invalid-option.js';
import { boolean, callable, concealed, kind, numberBetween, string } from '../contract/kinds.js';
import { decodeIfPossible } from '../util/decode-if-possible.js';
import { GeminiApiError } from './api-error.js';
import { assertSecure } from './endpoint.js';

/** What every request to the provider needs: where it goes, with which key, and how long it may take. */
export interface GeminiConnection {
  /** Where requests go; `parseBaseUrl` makes it. */
  readonly baseUrl: URL;
  /** The API key. It is sent in a header, to this URL's origin only. */
  readonly apiKey: string;
  /** Allows a plain http `baseUrl` that is not on this machine. @default false */
  readonly allowInsecureBaseUrl?: boolean;
  /** A request without any byte moving for this long is broken, in milliseconds. @default 30000 */
  readonly stallTimeoutMs?: number;
  /**
   * How long the answer to data may take to begin, in milliseconds, beside one second for each MiB of the request.
   *
   * @default four times `stallTimeoutMs`
   */
  readonly dataAnswerTimeoutMs?: number;
  /** Bound of get, delete, list, start, query and cancel, in milliseconds. @default 20000 */
  readonly requestTimeoutMs?: number;
  /** Called with the outcome of each request, for metrics. It contains no secret. */
  readonly onOutcome?: (outcome: RequestOutcome) => void;
}

/** The longest time of Node's timers: they do not wait for a longer one at all. */
const milliseconds = numberBetween(1, 2 ** 31 - 1);

/** Not by `instanceof`: a program may have its own `URL`, such as a test runner's. */
const isUrl = (value: unknown): value is URL => URL.canParse(String((value as URL | null)?.href));

const CONNECTION_FIELDS = {
  baseUrl: required(concealed(kind({}, isUrl, 'expected a URL, which parseBaseUrl makes', []))),
  apiKey: required(concealed(string())),
  allowInsecureBaseUrl: optional(boolean),
  stallTimeoutMs: optional(milliseconds),
  dataAnswerTimeoutMs: optional(milliseconds),
  requestTimeoutMs: optional(milliseconds),
  onOutcome: optional(callable()),
};

/** How a request ended. */
export interface RequestOutcome {
  /** Which request it was. */
  readonly operation: Operation;
  /** HTTP status; absent if no complete answer came. */
  readonly status?: number;
  /** What the error meant; absent on a success. */
  readonly kind?: ErrorKind;
  /** The provider's clock (provider fact F-NETWORK-DATE), in milliseconds since the epoch. */
  readonly dateMs?: number;
}

/** Reports a successful answer. */
export function reportSuccess(
  { onOutcome }: GeminiConnection,
  operation: Operation,
  status: number,
  date: string | null | undefined,
): void {
  const dateMs = Date.parse(date ?? '');
  onOutcome?.({ operation, status, ...(Number.isFinite(dateMs) && { dateMs }) });
}

/** Reports `error`, and returns it, so that the caller throws it. */
export function reportFailure({ onOutcome }: GeminiConnection, error: GeminiApiError): GeminiApiError {
  const { operation, status, kind } = error;
  onOutcome?.({ operation, kind, ...(status !== undefined && { status }) });
  return error;
}

export const STALL_TIMEOUT_MS = 30_000;
const MIB = 1024 * 1024;

/** How long the answer to a request with `bytes` of a file may take to begin: a gateway may have to pass all of it on first. */
export function dataAnswerMs(
  { stallTimeoutMs, dataAnswerTimeoutMs }: GeminiConnection,
  bytes: number,
): number {
  return (dataAnswerTimeoutMs ?? 4 * (stallTimeoutMs ?? STALL_TIMEOUT_MS)) + Math.ceil((bytes / MIB) * 1000);
}

export const REQUEST_TIMEOUT_MS = 20_000;

/** Shorter parts of an upload URL are too easy to guess to be secrets. */
const MIN_SECRET_LENGTH = 6;

/** Parts of upload URLs that say nothing of the session. */
const PROTOCOL_WORDS: ReadonlySet<string> = new Set(
  'upload resumable multipart v1 v1beta files upload_id upload_protocol'.split(' '),
);

/** What may be secret in the URL of a session, however a server writes it: it chose all of it, below the base URL. */
function secretsOf({ pathname, search }: URL, baseUrl: URL): string[] {
  const known = new Set(['', ...PROTOCOL_WORDS, ...baseUrl.pathname.split('/')]);
  const values = search
    .slice(1)
    .split('&')
    .map((pair) => pair.slice(pair.indexOf('=') + 1));
  // The whole as well: its parts may be short, one by one.
  return [`${pathname}${search}`, pathname, ...pathname.split('/'), ...values]
    .filter((part) => part.split(/[/?&=]/).some((word) => !known.has(word)))
    .flatMap((part) => [part, ...[part, part.replaceAll('+', ' ')].map(decodeIfPossible)])
    .flatMap((part) => [part, encodeURIComponent(part)])
    .filter((part) => part.length >= MIN_SECRET_LENGTH)
    .sort((one, other) => other.length - one.length);
}

/** `text` without the key, or any other of Google's, and the secret parts of the request's own URL, should a server have echoed them. */
export function withoutSecrets(text: string, connection: GeminiConnection, url?: URL): string {
  return hideSecrets(text, connection, url);
}

/** The provider's keys are longer (provider fact F-NETWORK-KEY-FORM), and so are its sessions; a test's `any` may be part of a file's name. */
const MIN_LENGTH_IN_DATA = 16;

/** The same for the texts of a success, which are not only words: nothing short is taken out of them. */
export function hiderFor(connection: GeminiConnection, url?: URL): (text: string) => string {
  return (text) => hideSecrets(text, connection, url, MIN_LENGTH_IN_DATA);
}

function hideSecrets(text: string, { apiKey, baseUrl }: GeminiConnection, url?: URL, minLength = 1): string {
  const key = [apiKey, encodeURIComponent(apiKey)];
  const session = url ? secretsOf(url, baseUrl) : [];
  const without = (rest: string, secrets: string[], mark: string) =>
    secrets
      .filter((secret) => secret.length >= minLength)
      .reduce((left, secret) => left.replaceAll(secret, mark), rest);
  return hideKeys(without(without(text, key, '[key]'), session, '[session]'));
}

/**
 * Refuses to send a key in the clear or elsewhere than to the base URL's origin, and one that no header can carry: `fetch` would
 * refuse it too, with the key in its message. A caller from JavaScript may give anything as a connection.
 *
 * @param url - the URL that the request would be sent to
 * @throws InvalidOptionsError if a field has a wrong value, if the base URL is plain http to another machine and that is not allowed, or if the
 *   session is of another origin
 * @throws GeminiApiError of kind `credentials`
 */
export function assertSendable(connection: GeminiConnection, operation: Operation, url?: URL): void {
  const { apiKey, baseUrl, allowInsecureBaseUrl } = readOptions(CONNECTION_FIELDS, connection);
  assertSecure(baseUrl, allowInsecureBaseUrl === true);
  if (url && url.origin !== baseUrl.origin) {
    throw invalidOption('session', `expected an upload URL of ${baseUrl.origin}, got one of ${url.origin}`);
  }
  if (/^[\x21-\x7e]+$/.test(apiKey)) return;
  const message =
    apiKey === ''
      ? 'there is no API key'
      : 'the API key has characters that no API key has, such as a space or a line break';
  throw new GeminiApiError(`${operation}: ${message}; nothing was sent`, { kind: 'credentials', operation });
}
