/** One request of the upload protocol: the key on it, its time bounded, its failures of a kind. */

import type { Operation } from './api-error.js';
import { errorForAnswer, errorForBreak } from './classify.js';
import {
  assertSendable,
  boundSignal,
  reported,
  reportSuccess,
  REQUEST_TIMEOUT_MS,
  STALL_TIMEOUT_MS,
  withoutSecrets,
  type GeminiConnection,
} from './connection.js';
import { sendHttp, type HttpAnswer, type HttpRequest } from './http.js';

/** @throws InvalidOptionsError where the key must not go to `url`; GeminiApiError for any answer that is not a success, and for none; the signal's reason where it was aborted */
export async function exchange(
  connection: GeminiConnection,
  operation: Operation,
  url: URL,
  signal: AbortSignal | undefined,
  request: {
    headers: Record<string, string>;
    body?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
    contentLength: number;
  },
): Promise<HttpAnswer> {
  assertSendable(connection, operation, url);
  const hide = (text: string) => withoutSecrets(text, connection, url);
  const target = { operation, method: 'POST', url, hide } as const;
  const bounded =
    operation === 'upload' ? signal : boundSignal(connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS, signal);
  const options: HttpRequest = {
    method: 'POST',
    url,
    headers: { ...request.headers, 'x-goog-api-key': connection.apiKey },
    ...(request.body && { body: request.body as AsyncIterable<Uint8Array> }),
    contentLength: request.contentLength,
    stallTimeoutMs: connection.stallTimeoutMs ?? STALL_TIMEOUT_MS,
    answerTimeoutMs: connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    signal: bounded,
  };
  let answer: HttpAnswer;
  try {
    answer = await sendHttp(options);
  } catch (error) {
    signal?.throwIfAborted();
    // A body that could not be read is the reader's own error, not the connection's.
    if (error instanceof BodyError) throw error.cause;
    throw reported(connection, errorForBreak(target, error));
  }
  if (answer.status >= 200 && answer.status < 300) {
    reportSuccess(connection, operation, answer.status, answer.headers.date);
    return answer;
  }
  throw reported(connection, errorForAnswer(target, answer));
}

/** Marks an error of the producer of a body, so that it is not taken for a broken connection. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  constructor(cause: unknown) {
    super('the body could not be read', { cause });
  }
}
