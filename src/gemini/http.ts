/** One HTTP request with a streamed body, for the upload: node:http, because it answers early, paces and breaks cleanly. */

import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** Answers are small; a server that sends more than this is not answering. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

export interface HttpRequest {
  readonly method: 'POST';
  readonly url: URL;
  readonly headers: Record<string, string>;
  /** Exactly `contentLength` bytes. A chunk may be reused by its producer once the next one is asked for. */
  readonly body?: AsyncIterable<Uint8Array>;
  readonly contentLength: number;
  /** The connection is broken where no byte moves for this long, in milliseconds. */
  readonly stallTimeoutMs: number;
  /** Bound of the answer from its first byte to its last, in milliseconds. */
  readonly answerTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

const agents = { 'http:': new HttpAgent({ keepAlive: true }), 'https:': new HttpsAgent({ keepAlive: true }) };

/** Sends one request and reads its answer; rejects where no complete answer came. Redirects are not followed. */
export async function sendHttp(options: HttpRequest): Promise<HttpAnswer> {
  options.signal?.throwIfAborted();
  const secure = options.url.protocol === 'https:';
  const request = (secure ? httpsRequest : httpRequest)(options.url, {
    method: options.method,
    headers: { ...options.headers, 'content-length': String(options.contentLength) },
    agent: secure ? agents['https:'] : agents['http:'],
    // As an option, and not set later, it bounds the making of the connection too.
    timeout: options.stallTimeoutMs,
    ...(options.signal && { signal: options.signal }),
  });
  request.once('timeout', () => request.destroy(new Error(`no byte moved for ${options.stallTimeoutMs} ms`)));
  assertAnswering(request, options.stallTimeoutMs);
  const answer = answerOf(request, options.answerTimeoutMs);
  // Observed below; a body that fails first must not leave it unhandled.
  answer.catch(() => undefined);
  try {
    await pump(request, options.body, answer);
    return await answer;
  } finally {
    // An answer that came before the whole body was sent leaves a connection that is of no use any more.
    if (!request.writableFinished) request.destroy();
  }
}

/** Informational answers (1xx) that a request may get before its own; the provider sends none. */
const MAX_INFORMATION = 10;

/** A byte of an answer's head now and then would keep the connection from ever counting as still: what was sent whole is answered in time. */
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

function answerOf(request: ClientRequest, timeoutMs: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let answering = false;
    let broken: Error | undefined;
    request.once('response', (response) => {
      answering = true;
      const late = setTimeout(
        () => request.destroy(new Error(`the answer did not end in ${timeoutMs} ms`)),
        timeoutMs,
      );
      readAnswer(response)
        .then(resolve, (error: Error) => reject(broken ?? error))
        .finally(() => clearTimeout(late));
    });
    request.on('error', (error) => {
      broken = error;
      // A body that can't be written on is no harm to an answer that has come already.
      if (!answering) reject(error);
    });
    request.once('close', () => {
      if (!answering) reject(new Error('the connection was closed without an answer'));
    });
  });
}

/** Writes the body until it ends or an answer makes it pointless. */
async function pump(
  request: ClientRequest,
  body: AsyncIterable<Uint8Array> | undefined,
  answer: Promise<unknown>,
): Promise<void> {
  let settled = false;
  const done = answer.then(
    () => void (settled = true),
    () => void (settled = true),
  );
  for await (const chunk of body ?? []) {
    if (settled) return;
    await Promise.race([new Promise<void>((next) => request.write(chunk, () => next())), done]);
    if (settled) return;
  }
  request.end();
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      response.destroy();
      throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('utf8') };
}
