/** Reads a `multipart/related` body of two parts as it comes: JSON, then the bytes of a file, which are not kept. */

import { invalidArgument } from './error-bodies.js';
import type { ReplyError } from './reply.js';

/** Bytes before the second part's content: the first part and both parts' headers. */
const MAX_HEAD_BYTES = 1024 * 1024;

const HEAD_END = '\r\n\r\n';

export interface MultipartHead {
  /** Text of the first part. */
  readonly json: string;
  /** `Content-Type` of the second part, without parameters; undefined if it has none. */
  readonly contentType: string | undefined;
}

/** The boundary in a `Content-Type`. Throws the answer for one that has none. */
export function boundaryOf(contentType: string | undefined): string {
  const [, quoted, plain] =
    /^\s*multipart\/[^;]+;.*\bboundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))/i.exec(contentType ?? '') ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined)
    throw invalidArgument('A multipart upload has Content-Type: multipart/related with a boundary.');
  return boundary;
}

export class MultipartBody {
  /** Set once the second part begins. */
  head: MultipartHead | undefined;
  /** Whether the closing boundary has come. */
  ended = false;
  #held: Buffer = Buffer.alloc(0);
  readonly #delimiter: Buffer;

  constructor(private readonly boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** The bytes of the file that are certain to be its own; a part of a delimiter may still follow. */
  push(chunk: Buffer): Buffer {
    if (this.ended) return Buffer.alloc(0);
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (!this.head && !this.#readHead()) return Buffer.alloc(0);
    const at = this.#held.indexOf(this.#delimiter);
    this.ended = at >= 0;
    const sure = this.ended ? at : Math.max(0, this.#held.length - this.#delimiter.length + 1);
    const content = this.#held.subarray(0, sure);
    this.#held = this.ended ? Buffer.alloc(0) : Buffer.from(this.#held.subarray(sure));
    return content;
  }

  /** Whether the head has come as a whole; what is held then is the file's. */
  #readHead(): boolean {
    const text = this.#held.toString('latin1');
    const jsonAt = text.indexOf(HEAD_END, text.indexOf(`--${this.boundary}`));
    const secondAt = jsonAt < 0 ? -1 : text.indexOf(`\r\n--${this.boundary}`, jsonAt + 2);
    const contentAt = secondAt < 0 ? -1 : text.indexOf(HEAD_END, secondAt);
    if (contentAt < 0) {
      if (this.#held.length > MAX_HEAD_BYTES) throw malformed();
      return false;
    }
    const [, type] = /^content-type:\s*([^;\r\n]+)/im.exec(text.slice(secondAt, contentAt)) ?? [];
    const json = this.#held.subarray(jsonAt + HEAD_END.length, secondAt).toString('utf8');
    this.head = { json, contentType: type?.trim() };
    this.#held = this.#held.subarray(contentAt + HEAD_END.length);
    return true;
  }
}

export function malformed(): ReplyError {
  return invalidArgument(
    'Malformed multipart body: expected two parts, JSON and the file, and a closing boundary.',
  );
}
