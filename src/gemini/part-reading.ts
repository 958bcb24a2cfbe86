/** Reads the part of a file that one request sends. */

import { checkpoint, type Attempt, type UploadStep } from './attempt.js';
import { BodyError } from './exchange.js';
import type { UploadSession } from './upload-protocol.js';

/** Bytes between two checkpoints: what of the file a later attempt can tell to be unchanged before it sends on. */
const CHECKPOINT_BYTES = 8 * 1024 * 1024;

/** The part of the file that one request sends. */
export interface Part {
  readonly offset: number;
  /** Exclusive. */
  readonly end: number;
  /** Whether this is the first data that the attempt sends. */
  readonly first: boolean;
}

export class PartReading {
  readonly body: AsyncGenerator<Uint8Array>;
  /** From the beginning until all was taken, in milliseconds; 0 until then. */
  bodyMs = 0;
  private readonly over = new AbortController();
  private readonly signal: AbortSignal;
  private ended: Promise<void> = Promise.resolve();
  private isReading = false;
  /** The reason of a step that has refused. */
  private refusal: { readonly reason: unknown } | undefined;

  constructor(
    private readonly attempt: Attempt,
    private readonly session: UploadSession,
    private readonly part: Part,
  ) {
    const { signal } = attempt.input;
    this.signal = signal ? AbortSignal.any([signal, this.over.signal]) : this.over.signal;
    this.body = this.read();
  }

  /**
   * Ends the reading, also if the request has ended before its body was read. A source has one reader at a time, so wait for this first.
   *
   * @throws the reason of a step that has refused
   */
  async end(): Promise<void> {
    // A source may serve the next parts from what it has opened for this one, so a reading that has ended is not aborted.
    if (this.isReading) this.over.abort();
    await this.ended;
    if (this.refusal) throw this.refusal.reason;
  }

  private async *read(): AsyncGenerator<Uint8Array> {
    let onEnd = (): void => undefined;
    this.isReading = true;
    this.ended = new Promise((resolve) => (onEnd = resolve));
    const began = performance.now();
    try {
      yield* this.chunks();
      this.bodyMs = performance.now() - began;
    } catch (error) {
      throw new BodyError(error);
    } finally {
      this.isReading = false;
      onEnd();
    }
  }

  private async *chunks(): AsyncGenerator<Uint8Array> {
    const { input, hash } = this.attempt;
    const { offset: start, end, first } = this.part;
    let offset = start;
    let noted = start;
    for await (const chunk of input.source.read(start, end, this.signal)) {
      // A request that finalizes cannot create the file before its last bytes.
      if (offset + chunk.length === input.source.sizeBytes) await this.step('finalize');
      else if (first && offset === start) await this.step('send');
      // The request is over: what came after that is neither sent nor hashed.
      if (this.over.signal.aborted) return;
      hash.update(chunk, offset);
      offset += chunk.length;
      input.onProgress?.(offset);
      if (offset - noted >= CHECKPOINT_BYTES) {
        noted = offset;
        checkpoint(this.attempt, this.session);
      }
      const { length } = chunk;
      yield chunk;
      // Asked for the next one: this one was written.
      input.onSent?.(length);
    }
  }

  private async step(step: UploadStep): Promise<void> {
    if (this.over.signal.aborted) return;
    try {
      await this.attempt.input.beforeStep?.(step);
    } catch (reason) {
      this.refusal = { reason };
      throw reason;
    }
  }
}
