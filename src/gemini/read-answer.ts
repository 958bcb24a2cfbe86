/** Reads the answer to one request, of bounded size. */

import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';

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

/** The answer has an encoding that was not asked for, and that cannot be read. */
export class AnswerEncodingError extends Error {
  override readonly name = 'AnswerEncodingError';
  constructor(encoding: string) {
    super(`the answer has the encoding ${JSON.stringify(encoding.slice(0, 40))}, and could not be decoded`);
  }
}

/**
 * @param maxBytes - of the body as it is sent, and as it is decoded
 * @throws AnswerTooLongError, AnswerEncodingError, and what breaks the connection
 */
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
  const body = await decode(Buffer.concat(chunks), headers['content-encoding'], maxBytes);
  return { status: response.statusCode ?? 0, headers, body: new TextDecoder().decode(body) };
}

/** `unzip` tells gzip and deflate apart by itself. */
const DECODERS = new Map([
  ...['gzip', 'x-gzip', 'deflate'].map((name) => [name, promisify(unzip)] as const),
  ['br', promisify(brotliDecompress)],
]);

/** A gateway may compress an answer although the request has `accept-encoding: identity`. */
async function decode(body: Buffer, header: string | undefined, maxBytes: number): Promise<Buffer> {
  const encoding = header?.trim().toLowerCase() ?? '';
  if (body.length === 0 || encoding === '' || encoding === 'identity') return body;
  const decoder = DECODERS.get(encoding);
  if (!decoder) throw new AnswerEncodingError(encoding);
  try {
    return await decoder(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new AnswerTooLongError(maxBytes);
    throw new AnswerEncodingError(encoding);
  }
}
