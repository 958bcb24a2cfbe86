/** The one place where an answer of the provider, or the lack of one, becomes an error of a kind. */

import type { ErrorKind, Operation } from '../contract/error-kind.js';
import { GeminiApiError } from './api-error.js';
import { parseErrorBody, type ErrorBody } from './error-body.js';
import { isNetworkSetup, PROXY_LOGIN, ProxyAnswerError, WANTS_LOGIN } from './network-setup.js';
import { isOfOtherServer, otherServerAdvice } from './other-server.js';
import { AnswerEncodingError, AnswerTooLongError } from './read-answer.js';
import { parseRetryAfter } from './retry-after.js';
import { tlsAdvice, tlsReason } from './tls-problem.js';

export interface FailedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Where a request went, for messages: never with a query string, which could hold a key or a session, nor a session's path. */
export interface Target {
  readonly operation: Operation;
  readonly url: URL;
  /** Of the connection, to say what to check if another server than the provider seems to answer. */
  readonly baseUrl?: URL;
  /** The proxy on the way, without its user and password. */
  readonly proxy?: string | undefined;
  /** Hides secrets in the provider's message. */
  readonly hide?: (text: string) => string;
}

const DURING_UPLOAD: ReadonlySet<Operation> = new Set(['upload', 'query', 'cancel']);

/**
 * Operations that only the Gemini backend answers, always in JSON (provider fact F-NETWORK-INTERMEDIARY). The front end of
 * uploads also answers in plain text (F-UPLOAD-TEXT).
 */
const ANSWERED_IN_JSON: ReadonlySet<Operation> = new Set(['get', 'delete', 'list']);

const describe = ({ operation, url, proxy }: Target) =>
  `${operation}: ${url.origin}${DURING_UPLOAD.has(operation) ? '' : url.pathname}` +
  (proxy === undefined ? '' : ` through the proxy ${proxy}`);

/**
 * The error for an answer that is not a success. The words of a 403 tell an unknown file (provider fact F-GET-DENIED) from a
 * key that is refused (F-ERROR-KEY-BLOCKED).
 */
export function errorForAnswer(target: Target, answer: FailedAnswer): GeminiApiError {
  if (answer.status === PROXY_LOGIN) {
    const { operation } = target;
    const message = `${describe(target)} was not sent on: ${WANTS_LOGIN}`;
    return new GeminiApiError(message, { kind: 'network-setup', operation, status: PROXY_LOGIN });
  }
  const body = parseErrorBody(answer.body, target.hide);
  const said = body.message ? `: ${body.message}` : ' with an empty body';
  const retryAfterMs = parseRetryAfter((name) => answer.headers[name]) ?? body.retryDelayMs;
  const { operation, baseUrl } = target;
  const { status } = answer;
  const ofProvider = isOfProvider(answer, body);
  const isElsewhere = baseUrl !== undefined && isOfOtherServer({ operation, status, ofProvider });
  const message = `${describe(target)} answered ${status}${body.code ? ` ${body.code}` : ''}${said}`;
  return new GeminiApiError(
    isElsewhere ? `${message.replace(/\.$/, '')}${otherServerAdvice(baseUrl)}` : message,
    {
      kind: kindOf(operation, answer, body),
      operation,
      status,
      ofProvider,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    },
  );
}

/** The error for a request that got no complete answer. */
export function connectionError(target: Target, cause: unknown): GeminiApiError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const advice = tlsAdvice(inner);
  const message = `${describe(target)} failed: ${networkReason(inner)}${advice === undefined ? '' : `. ${advice}`}`;
  return new GeminiApiError(message, {
    kind: advice === undefined ? kindOfBreak(target.operation, inner) : 'network-setup',
    operation: target.operation,
    ...(inner instanceof ProxyAnswerError && { status: inner.status }),
    cause,
  });
}

function kindOfBreak(operation: Operation, cause: unknown): ErrorKind {
  // Only a list grows with what the provider stores: asked again, it is as long. Any other answer of that length is not the provider's.
  if (cause instanceof AnswerTooLongError) return operation === 'list' ? 'rejected' : 'unavailable';
  if (isNetworkSetup(cause)) return 'network-setup';
  // The provider encodes nothing that was not asked for.
  if (cause instanceof AnswerEncodingError) return 'unavailable';
  // The proxy says that it cannot reach the server, or may not: that can change.
  return cause instanceof ProxyAnswerError ? 'unavailable' : 'connection';
}

const MAX_REASON = 300;

/** Several addresses tried leave an error with a code alone, and an abort may leave only its name. */
function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The words of `AbortSignal.timeout` do not say whose time it was.
  if (error.name === 'TimeoutError') return 'the server did not answer in time';
  const { code } = error as NodeJS.ErrnoException;
  const reason =
    tlsReason(error.message) ?? (error.message || (typeof code === 'string' ? code : error.name));
  // A certificate can name hundreds of hosts.
  return reason.slice(0, MAX_REASON);
}

const LATER = new Set([408, 425, 429, 499]);
/** Provider facts F-ERROR-KEY, F-ERROR-NO-KEY and F-ERROR-KEY-BLOCKED. */
const KEY_REASONS =
  /^(API_KEY_|ACCESS_TOKEN_|SERVICE_DISABLED|CONSUMER_|BILLING_DISABLED|CREDENTIALS_MISSING|ACCOUNT_)/;
const KEY_WORDS =
  /api key|unregistered callers|referer|are blocked|has not been used in project|billing|has been suspended|denied access/i;
/** What a 400 says of the key if its details are missing (provider fact F-ERROR-KEY). */
const BAD_KEY = /\bapi key\b.*\b(not valid|invalid|not found|expired)\b/i;

function kindOf(operation: Operation, answer: FailedAnswer, body: ErrorBody): ErrorKind {
  const { status } = answer;
  if (isOfIntermediary(operation, answer, body)) return 'unavailable';
  if (status === 401 || isKeyTrouble(operation, status, body)) return 'credentials';
  if (status === 429 && body.storageFull) return 'quota';
  if (status === 409 && body.code === 'ALREADY_EXISTS') return 'name-conflict';
  if (DURING_UPLOAD.has(operation)) {
    const kind = kindInSession(operation, answer, body);
    if (kind) return kind;
  }
  if (LATER.has(status) || status >= 500) return 'unavailable';
  if ((operation === 'get' || operation === 'delete') && (status === 403 || status === 404))
    return 'not-found';
  if (status === 409 && operation === 'start') return 'name-conflict';
  return 'rejected';
}

function isKeyTrouble(operation: Operation, status: number, body: ErrorBody): boolean {
  if (status !== 400 && status !== 403) return false;
  if (body.reason && KEY_REASONS.test(body.reason)) return true;
  // A proxy's page may say anything.
  if (!body.json) return false;
  if (status === 400) return BAD_KEY.test(body.message);
  // No file can be the cause yet, whatever the words: an unpaid bill has those of a file that may not exist (provider fact F-GET-BILLING).
  if (operation === 'start' || operation === 'list') return true;
  return KEY_WORDS.test(body.message) && !/may not exist/i.test(body.message);
}

/**
 * Whether the answer is of a proxy, a load balancer or a login page on the way. It says nothing about the file, the key or
 * the session, and another request may get through (provider fact F-NETWORK-INTERMEDIARY).
 */
function isOfIntermediary(operation: Operation, answer: FailedAnswer, { json }: ErrorBody): boolean {
  if (answer.status === 413 || isOfProvider(answer, { json })) return false;
  return answer.status < 400 || ANSWERED_IN_JSON.has(operation) || isPage(answer);
}

/** Whether the answer has what only the provider's has. Its front end for uploads sends answers without it too. */
function isOfProvider({ headers }: FailedAnswer, { json }: Pick<ErrorBody, 'json'>): boolean {
  return json || 'x-goog-upload-status' in headers;
}

/** Whether an answer is an HTML page, which the provider never sends (provider fact F-NETWORK-INTERMEDIARY). */
export function isPage({ headers, body }: Pick<FailedAnswer, 'headers' | 'body'>): boolean {
  return /\bhtml\b/i.test(headers['content-type'] ?? '') || /^\s*<(!doctype|html|head|body)\b/i.test(body);
}

/** Kinds that only a request to an upload URL can have (provider fact F-UPLOAD-DOUBT); undefined: as anywhere else. */
function kindInSession(
  operation: Operation,
  { status, headers }: FailedAnswer,
  body: ErrorBody,
): ErrorKind | undefined {
  const final = headers['x-goog-upload-status']?.trim().toLowerCase();
  // Provider facts F-UPLOAD-UNKNOWN, F-QUERY-CANCELLED and F-UPLOAD-TERMINATED.
  if (status === 404 || status === 410 || /already been terminated/i.test(body.message))
    return 'session-lost';
  // The server asks for a later request. A new session now would get the same answer.
  if (LATER.has(status)) return undefined;
  // A query has no data, so its refusal is not a verdict on the file: the session cannot be used (provider facts F-QUERY-FOREIGN, F-QUERY-REFUSED).
  if (operation === 'query' && status >= 400 && status < 500) return 'session-lost';
  // Google's own JSON with 4xx is a verdict on the file itself (provider fact F-FINALIZE-REFUSED); a new session would end the
  // same. Anything else has only ended the session (F-UPLOAD-REJECTED).
  if (final === 'final' || final === 'cancelled')
    return body.json && status < 500 ? undefined : 'session-lost';
  // A 400 that says the upload is still open is about the request, not about the file.
  const odd =
    status === 409 ||
    status === 412 ||
    status === 416 ||
    (status === 400 && (!body.json || final === 'active'));
  if (!odd) return undefined;
  return operation === 'upload' ? 'offset-mismatch' : 'session-lost';
}
