/**
 * One HTTP request, for the upload and for the SDK. It uses node:http, because `fetch` reports an early answer only after the
 * whole body was sent, and fails on a `100 Continue` that it did not ask for.
 */

import { request as httpRequest, type ClientRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { routeTo } from './agents.js';
import { BodyWriter } from './body-writer.js';
import { readAnswer, type HttpAnswer } from './read-answer.js';
import { readFirst } from './read-first.js';
import type { SendPace } from './send-pace.js';
import { StallWatch } from './stall-watch.js';
import type { TunnelOptions } from './tunnel-agent.js';

const MAX_ANSWER_BYTES = 1024 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'HEAD';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Exactly `contentLength` bytes. A chunk may be reused by its producer once the next one is asked for. If the request is over before its
   * body, the iterator's `return` is called, and neither it nor the last `next` is waited for.
   */
  readonly body?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  readonly contentLength: number;
  /** Holds back the request until its turn, and its body after that. @default as fast as it goes */
  readonly pace?: SendPace | undefined;
  /** The connection is broken if no byte moves for this long, in milliseconds. Time that the body or the pace takes does not count. */
  readonly stallTimeoutMs: number;
  /** Bound of the time from the last byte of the request to the answer's head, in milliseconds. @default stallTimeoutMs */
  readonly beginTimeoutMs?: number;
  /** Bound of the answer from its first byte to its last, in milliseconds. */
  readonly answerTimeoutMs: number;
  /** Bound of the answer's body. @default 1 MiB: the largest part of one file is its thumbnail (provider fact F-STATE-THUMBNAIL) */
  readonly maxAnswerBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Sends one request and reads its answer; rejects if no complete answer came. Redirects are not followed. */
export async function sendHttp(options: HttpRequest): Promise<HttpAnswer> {
  options.signal?.throwIfAborted();
  const turn = await options.pace?.(options.contentLength, options.signal);
  let request: ClientRequest | undefined;
  try {
    options.signal?.throwIfAborted();
    request = open(options);
    request.once('socket', readFirst);
    const answer = answerOf(request, options);
    const stall = new StallWatch(request, options.stallTimeoutMs);
    const writer = new BodyWriter(request, options.contentLength, stall, answer, turn);
    assertAnswering(request, options.beginTimeoutMs ?? options.stallTimeoutMs);
    await writer.write(options.body ?? []);
    turn?.end();
    return await answer;
  } finally {
    turn?.end();
    // An answer that came before the whole body was sent leaves a connection that cannot be used again.
    if (request?.writableFinished === false) request.destroy();
  }
}

function open({ method, url, headers, body, contentLength, stallTimeoutMs, signal }: HttpRequest) {
  const { server, agent, path, headers: routing } = routeTo(url);
  const options: RequestOptions & TunnelOptions = {
    method,
    headers: {
      ...routing,
      ...headers,
      'accept-encoding': 'identity',
      ...((body || method === 'POST') && { 'content-length': String(contentLength) }),
    },
    agent,
    ...(path !== undefined && { path }),
    // As an option, and not set later, it bounds the making of the connection too.
    timeout: stallTimeoutMs,
    tunnelTimeoutMs: stallTimeoutMs,
    ...(signal && { tunnelSignal: signal }),
    ...(signal && { signal }),
  };
  return (server.protocol === 'https:' ? httpsRequest : httpRequest)(server, options);
}

/** Informational answers (1xx) that a request may get before its final one; the provider sends none (provider fact F-NETWORK-INTERMEDIARY). */
const MAX_INFORMATION = 10;

/** Bounds the time from the last byte of the request to the answer's head: a head that drips never trips the stall timeout. */
function assertAnswering(request: ClientRequest, timeoutMs: number): void {
  request.once('finish', () => {
    const late = setTimeout(
      () => request.destroy(new Error(`no answer began in ${timeoutMs} ms`)),
      timeoutMs,
    );
    request.once('response', () => clearTimeout(late));
    request.once('close', () => clearTimeout(late));
  });
  let count = 0;
  request.on('information', () => {
    count += 1;
    if (count > MAX_INFORMATION) request.destroy(new Error('nothing but informational answers came'));
  });
}

function answerOf(
  request: ClientRequest,
  { answerTimeoutMs: timeoutMs, maxAnswerBytes = MAX_ANSWER_BYTES }: HttpRequest,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let answering = false;
    let broken: Error | undefined;
    request.once('response', (response) => {
      answering = true;
      const late = setTimeout(
        () => request.destroy(new Error(`the answer did not end in ${timeoutMs} ms`)),
        timeoutMs,
      );
      readAnswer(response, maxAnswerBytes)
        .then(resolve, (error: Error) => reject(broken ?? error))
        .finally(() => clearTimeout(late));
    });
    request.on('error', (error) => {
      broken = error;
      // The rest of a body that can't be written does not matter once the answer has begun.
      if (!answering) reject(error);
    });
    request.once('close', () => {
      if (!answering) reject(new Error('the connection was closed without an answer'));
    });
  });
}
