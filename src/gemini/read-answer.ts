/** Reads the answer to one request, of bounded size. */

import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, inflateRaw, unzip } from 'node:zlib';

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

/** A success has an encoding that was not asked for, and that cannot be read. */
export class AnswerEncodingError extends Error {
  override readonly name = 'AnswerEncodingError';
  constructor(encoding: string) {
    super(`the answer has the encoding ${quoted(encoding)}, and could not be decoded`);
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
  const status = response.statusCode ?? 0;
  return { status, headers, body: await textOf(Buffer.concat(chunks), status, headers, maxBytes) };
}

/**
 * A gateway may compress an answer although the request has `accept-encoding: identity`. A refusal that cannot be read is a refusal all the
 * same: its status counts. So does what an answer of the upload protocol says in its headers.
 */
async function textOf(
  body: Buffer,
  status: number,
  headers: HttpAnswer['headers'],
  maxBytes: number,
): Promise<string> {
  const { 'content-encoding': header = '', 'x-goog-upload-status': uploadStatus } = headers;
  const codings = header
    .toLowerCase()
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '' && word !== 'identity');
  // A gateway may leave the header of what it has decoded, and some servers write a charset there. Encoded bytes are no text.
  if (codings.length === 0 || isText(body)) return textIn(body);
  const decoded = await decode(body, codings, maxBytes);
  if (decoded) return textIn(decoded);
  if (status < 200 || status > 299 || uploadStatus !== undefined)
    return `(an answer with the encoding ${quoted(header)})`;
  throw new AnswerEncodingError(header);
}

const quoted = (encoding: string) => JSON.stringify(encoding.slice(0, 40));

const textIn = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Whether the bytes are UTF-8 without control characters. An empty body is. */
function isText(bytes: Uint8Array): boolean {
  try {
    return !/[\x00-\x08\x0e-\x1f]/.test(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return false;
  }
}

type Decoder = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const [unzipped, inflatedRaw, ofBrotli] = [
  promisify(unzip),
  promisify(inflateRaw),
  promisify(brotliDecompress),
];

/** Each coding's decoders, one after the other. `unzip` tells gzip and zlib apart by itself; some servers send `deflate` without the head of zlib. */
const DECODERS: ReadonlyMap<string, readonly Decoder[]> = new Map([
  ['gzip', [unzipped]],
  ['x-gzip', [unzipped]],
  ['deflate', [unzipped, inflatedRaw]],
  ['br', [ofBrotli]],
]);

/** Each coding can make a body a thousand times as long for the next one. */
const MAX_CODINGS = 3;

/**
 * @param codings - in the order in which they were applied
 * @returns undefined if it cannot be decoded
 */
async function decode(
  body: Buffer,
  codings: readonly string[],
  maxBytes: number,
): Promise<Buffer | undefined> {
  if (codings.length > MAX_CODINGS) return undefined;
  let bytes: Buffer | undefined = body;
  for (const coding of [...codings].reverse())
    bytes = bytes && (await decodeBy(DECODERS.get(coding) ?? [], bytes, maxBytes));
  return bytes;
}

async function decodeBy(
  decoders: readonly Decoder[],
  bytes: Buffer,
  maxBytes: number,
): Promise<Buffer | undefined> {
  for (const decoder of decoders) {
    try {
      return await decoder(bytes, { maxOutputLength: maxBytes });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
        throw new AnswerTooLongError(maxBytes);
    }
  }
  return undefined;
}
