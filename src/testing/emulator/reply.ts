/** Answers as data, and the one place that writes them to a socket. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './request-body.js';

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a string as `text/plain`; undefined is an empty body. */
  readonly body?: object | string | undefined;
}

/** Thrown anywhere in the work of a request to answer it with `reply`. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
  constructor(readonly reply: Reply) {
    super(`HTTP ${reply.status}`);
  }
}

/** The answer's bytes and all of its headers. Google's JSON is indented by two spaces. */
export function renderReply(reply: Reply): { headers: Record<string, string>; content: Buffer } {
  const isJson = typeof reply.body === 'object';
  const text =
    typeof reply.body === 'object' ? `${JSON.stringify(reply.body, null, 2)}\n` : (reply.body ?? '');
  const content = Buffer.from(text);
  const type = isJson ? 'application/json; charset=UTF-8' : 'text/plain; charset=utf-8';
  return {
    content,
    headers: {
      ...(content.length > 0 && { 'content-type': type }),
      ...lowerCased(reply.headers ?? {}),
      'content-length': String(content.length),
    },
  };
}

/**
 * Sends `reply`. Where the request's body was not read, the answer goes out at once and the rest of the body is read and
 * dropped before the exchange ends: closing earlier would reset the connection of a client that is still writing, and
 * could take the answer away from it.
 */
export async function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  onDrained: (bytes: number) => void,
): Promise<void> {
  if (response.destroyed) return;
  const { headers, content } = renderReply(reply);
  response.writeHead(reply.status, headers);
  response.flushHeaders();
  if (content.length > 0) response.write(content);
  if (!request.complete) await readBody(request, { onChunk: (chunk) => onDrained(chunk.length) });
  response.end();
}

/** Sends an unsolicited interim answer. */
export function inform(response: ServerResponse, status: 100 | 102 | 103): void {
  if (status === 100) response.writeContinue();
  else if (status === 102) response.writeProcessing();
  else response.writeEarlyHints({ link: '</hint.css>; rel=preload; as=style' });
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
