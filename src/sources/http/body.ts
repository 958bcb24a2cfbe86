/** Finds the bytes of a body in the bytes of a connection. */

import { MAX_HEAD_BYTES } from '../limits.js';
import { noHttp, type Framing } from './head.js';

/** Longest line that tells the size of a chunk, with extensions, which nobody sends. */
const MAX_SIZE_LINE = 256;

export interface BodyDecoder {
  /**
   * Hands the body's bytes in `bytes` on to `take`, as views.
   *
   * @returns how many of `bytes` belong to the body and its framing
   * @throws ConnectionBreak if they are not such a body
   */
  accept(bytes: Buffer, take: (part: Buffer) => void): number;
  /** Whether the whole body has come. */
  readonly done: boolean;
}

export const bodyDecoder = (framing: Framing): BodyDecoder =>
  framing === 'chunked' ? new ChunkedBody() : new PlainBody(framing === 'close' ? Infinity : framing);

class PlainBody implements BodyDecoder {
  constructor(private left: number) {}

  get done(): boolean {
    return this.left === 0;
  }

  accept(bytes: Buffer, take: (part: Buffer) => void): number {
    const part = bytes.subarray(0, this.left);
    this.left -= part.length;
    if (part.length > 0) take(part);
    return part.length;
  }
}

/** RFC 9112, 7.1. */
class ChunkedBody implements BodyDecoder {
  done = false;
  private at: 'size' | 'data' | 'after data' | 'trailer' = 'size';
  /** Of the chunk. */
  private left = 0;
  /** Of a line that has not ended. */
  private line = '';
  private trailerBytes = 0;

  accept(bytes: Buffer, take: (part: Buffer) => void): number {
    let offset = 0;
    while (offset < bytes.length && !this.done) {
      if (this.at === 'data') {
        const part = bytes.subarray(offset, offset + this.left);
        offset += part.length;
        this.left -= part.length;
        if (this.left === 0) this.at = 'after data';
        take(part);
      } else {
        const end = bytes.indexOf('\n', offset);
        const until = end === -1 ? bytes.length : end + 1;
        this.line += bytes.toString('latin1', offset, until);
        offset = until;
        this.assertBounded();
        if (end !== -1) this.takeLine();
      }
    }
    return offset;
  }

  private assertBounded(): void {
    if (this.line.length > (this.at === 'trailer' ? MAX_HEAD_BYTES : MAX_SIZE_LINE))
      throw noHttp('a line of its chunked body is too long');
  }

  private takeLine(): void {
    const { line } = this;
    this.line = '';
    if (!line.endsWith('\r\n')) throw noHttp('a line of its chunked body does not end with CR LF');
    if (this.at === 'trailer') {
      this.trailerBytes += line.length;
      if (this.trailerBytes > MAX_HEAD_BYTES) throw noHttp('its trailers are too long');
      this.done = line === '\r\n';
    } else if (this.at === 'after data') {
      if (line !== '\r\n') throw noHttp('a chunk of its body is longer than it says');
      this.at = 'size';
    } else {
      const digits = /^([\da-f]{1,12})[ \t]*(?:;[^\r]*)?\r\n$/i.exec(line)?.[1];
      if (digits === undefined) throw noHttp('a chunk of its body has no size');
      this.left = Number.parseInt(digits, 16);
      this.at = this.left === 0 ? 'trailer' : 'data';
    }
  }
}
