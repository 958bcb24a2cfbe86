/** Reads the answer to one request, of bounded size. */

import type { IncomingMessage } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** The answer is longer than any that the provider gives to such a request. */
export class AnswerTooLongError extends Error {
  override readonly name = 'AnswerTooLongError';
  constructor(maxBytes: number) {
    super(`the answer is longer than ${maxBytes} bytes`);
  }
}

/** @throws AnswerTooLongError, and what breaks the connection */
export async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      response.destroy();
      throw new AnswerTooLongError(maxBytes);
    }
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  return { status: response.statusCode ?? 0, headers, body: new TextDecoder().decode(Buffer.concat(chunks)) };
}
