/** Writes the body of one request, at the pace of its turn. */

import type { ClientRequest } from 'node:http';
import type { SendTurn } from './send-pace.js';
import type { StallWatch } from './stall-watch.js';

export class BodyWriter {
  private readonly answered = new AbortController();
  private readonly done: Promise<void>;

  /** @param answer - settles with the answer, or when the connection breaks: nothing more is written then */
  constructor(
    private readonly request: ClientRequest,
    private readonly stall: StallWatch,
    answer: Promise<unknown>,
    private readonly turn?: SendTurn,
  ) {
    const stop = () => this.answered.abort();
    this.done = answer.then(stop, stop);
  }

  /** Resolves when all is written, or when an answer or a break makes the rest pointless. */
  async write(body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    // The server learns of the request at once, and not with the first bytes that may be sent.
    if (this.turn) this.request.flushHeaders();
    for await (const chunk of this.awaited(body)) {
      for (const piece of this.piecesOf(chunk)) {
        if (!(await this.mayWrite(piece.length))) return;
        await this.flush(piece);
      }
      if (this.answered.signal.aborted) return;
    }
    this.request.end();
  }

  /** The chunks of `body`. Its producer may take its time: that is not the connection's. */
  private async *awaited(
    body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const chunks = Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]();
    try {
      for (;;) {
        const next = await this.stall.pauseFor(Promise.resolve(chunks.next()));
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await chunks.return?.();
    }
  }

  private async mayWrite(bytes: number): Promise<boolean> {
    const { signal } = this.answered;
    if (this.turn && !signal.aborted) {
      try {
        await this.stall.pauseFor(this.turn.take(bytes, signal));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
    return !signal.aborted;
  }

  /** Resolves when the operating system has the bytes: until then the chunk must not be reused. */
  private async flush(piece: Uint8Array): Promise<void> {
    const written = new Promise<void>((next) => this.request.write(piece, () => next()));
    await Promise.race([written, this.done]);
  }

  private *piecesOf(chunk: Uint8Array): Generator<Uint8Array> {
    const size = this.turn?.pieceBytes ?? chunk.length;
    for (let start = 0; start < chunk.length; start += size) yield chunk.subarray(start, start + size);
  }
}
