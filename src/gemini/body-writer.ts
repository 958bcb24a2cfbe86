/** Writes the body of one request, at the pace of its turn. */

import type { ClientRequest } from 'node:http';
import type { SendTurn } from './send-pace.js';
import type { StallWatch } from './stall-watch.js';

export class BodyWriter {
  private readonly answered = new AbortController();
  /** Ends the present wait. A race with one promise for the whole body would keep a reaction for each chunk. */
  private endWait: (() => void) | undefined;

  /**
   * @param missing - how many bytes the body has
   * @param answer - settles with the answer, or when the connection breaks: nothing more is written then
   */
  constructor(
    private readonly request: ClientRequest,
    private missing: number,
    private readonly stall: StallWatch,
    answer: Promise<unknown>,
    private readonly turn?: SendTurn,
  ) {
    const stop = () => {
      this.answered.abort();
      this.endWait?.();
    };
    answer.then(stop, stop);
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
    if (this.missing === 0 || !this.answered.signal.aborted) this.request.end();
  }

  /** The chunks of `body`. Its producer may take its time: that is not the connection's. Once the request is over, it is not waited for. */
  private async *awaited(
    body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const chunks = Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]();
    try {
      for (;;) {
        const next = await this.stall.pauseFor(this.nextOf(chunks));
        if (!next || next.done) return;
        yield next.value;
      }
    } finally {
      const ended = (async () => chunks.return?.())();
      ended.catch(() => undefined);
      if (!this.answered.signal.aborted) await ended;
    }
  }

  /** Undefined if the rest of the body is pointless. If all bytes are written, the producer may end in its own time. */
  private async nextOf(
    chunks: Iterator<Uint8Array, unknown> | AsyncIterator<Uint8Array, unknown>,
  ): Promise<IteratorResult<Uint8Array, unknown> | undefined> {
    if (this.missing <= 0) return chunks.next();
    return this.unlessAnswered((resolve, reject) => {
      Promise.resolve(chunks.next()).then(resolve, reject);
    });
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
    await this.unlessAnswered<void>((resolve) => this.request.write(piece, () => resolve()));
    this.missing -= piece.length;
  }

  /** Waits for what `begin` begins; resolves to undefined if an answer or a break comes first. */
  private unlessAnswered<T>(
    begin: (resolve: (value: T) => void, reject: (reason: Error) => void) => void,
  ): Promise<T | undefined> {
    return new Promise<T | undefined>((resolve, reject) => {
      if (this.answered.signal.aborted) return resolve(undefined);
      this.endWait = () => resolve(undefined);
      begin(resolve, reject);
    });
  }

  private *piecesOf(chunk: Uint8Array): Generator<Uint8Array> {
    const size = this.turn?.pieceBytes ?? chunk.length;
    for (let start = 0; start < chunk.length; start += size) yield chunk.subarray(start, start + size);
  }
}
