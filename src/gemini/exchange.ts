/** One request to the provider and its outcome: the key is on it, its time is bounded, and its failure is a `GeminiApiError`. */

import type { Operation } from '../contract/error-kind.js';
import { GeminiApiError } from './api-error.js';
import { errorForAnswer, connectionError } from './classify.js';
import {
  assertSendable,
  dataAnswerMs,
  reportFailure,
  reportSuccess,
  REQUEST_TIMEOUT_MS,
  STALL_TIMEOUT_MS,
  withoutSecrets,
  type GeminiConnection,
} from './connection.js';
import { sendHttp, type HttpRequest } from './http.js';
import { otherServerAdvice } from './other-server.js';
import { proxyNameFor } from './proxy.js';
import type { HttpAnswer } from './read-answer.js';
import { withTimeout } from '../util/with-timeout.js';

/** A hundred files on a page (provider fact F-LIST-PAGES), each with several times the size of a thumbnail. */
const MAX_LIST_BYTES = 100 * 128 * 1024;

export interface ProviderRequest extends Pick<HttpRequest, 'body' | 'contentLength' | 'headers' | 'pace'> {
  /** HTTP method. @default 'POST' */
  readonly method?: HttpRequest['method'];
  /** What is wrong with the body of a 2xx answer that cannot come from the provider. @default every body will do */
  readonly refuse?: (body: string) => string | undefined;
}

/**
 * @throws InvalidOptionsError if the key must not go to `url`
 * @throws GeminiApiError for any answer that is not a success, and if no answer came
 * @throws the signal's reason if it was aborted
 */
export async function sendUploadRequest(
  connection: GeminiConnection,
  operation: Operation,
  url: URL,
  signal: AbortSignal | undefined,
  { method = 'POST', refuse, ...request }: ProviderRequest,
): Promise<HttpAnswer> {
  assertSendable(connection, operation, url);
  const hide = (text: string) => withoutSecrets(text, connection, url);
  const target = { operation, url, hide, baseUrl: connection.baseUrl, proxy: proxyNameFor(url) } as const;
  const timeoutMs = Math.ceil(connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
  let answer: HttpAnswer;
  try {
    answer = await sendHttp({
      ...request,
      method,
      url,
      headers: { ...request.headers, 'x-goog-api-key': connection.apiKey },
      stallTimeoutMs: connection.stallTimeoutMs ?? STALL_TIMEOUT_MS,
      ...(operation === 'upload' && { beginTimeoutMs: dataAnswerMs(connection, request.contentLength) }),
      answerTimeoutMs: timeoutMs,
      ...(operation === 'list' && { maxAnswerBytes: MAX_LIST_BYTES }),
      // The time of an upload depends on its size and on the pace.
      signal: operation === 'upload' ? signal : withTimeout(timeoutMs, signal),
    });
  } catch (error) {
    signal?.throwIfAborted();
    // A body that could not be read is the reader's own error, not the connection's.
    if (error instanceof BodyError) throw error.cause;
    throw reportFailure(connection, connectionError(target, error));
  }
  const { status } = answer;
  if (status < 200 || status >= 300) throw reportFailure(connection, errorForAnswer(target, answer));
  const fault = refuse?.(answer.body);
  if (fault !== undefined) {
    const message = `${operation}: ${url.origin}${url.pathname} answered ${status} ${fault}${otherServerAdvice(connection.baseUrl)}`;
    throw reportFailure(connection, new GeminiApiError(message, { kind: 'unavailable', operation, status }));
  }
  reportSuccess(connection, operation, status, answer.headers.date);
  return answer;
}

/** Marks an error of the producer of a body, to distinguish it from a broken connection. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  constructor(cause: unknown) {
    super('the body could not be read', { cause });
  }
}
