/** Takes the chunks of a body one by one. The time that each takes is bounded; the time between two requests for a chunk is not. */

import { SourceError } from '../contract/errors.js';
import { TIMED_OUT, within } from '../util/within.js';
import { ConnectionBreak } from './break.js';
import type { SourceLimits } from './limits.js';

/** How long the end of a body that has brought all its bytes is waited for, in milliseconds. */
const END_MS = 1000;

export interface ChunkReaderOptions {
  /** Ends the producer, also if no chunk was ever taken. */
  readonly drop?: () => void;
  /** Whether more bytes than were asked for are an error: their producer has misunderstood which ones were. @default false */
  readonly exact?: boolean;
}

export class ChunkReader {
  private readonly iterator: AsyncIterator<unknown, unknown>;
  private waitedMs = 0;
  private received = 0;
  private timer: NodeJS.Timeout | undefined;
  private signal: AbortSignal | undefined;
  /** Ends the wait for the next chunk. */
  private giveUp: ((reason: Error) => void) | undefined;
  /** What of the last chunk was not taken. */
  private rest: Buffer | undefined;

  constructor(
    chunks: AsyncIterable<unknown>,
    private readonly limits: SourceLimits,
    private readonly options: ChunkReaderOptions = {},
  ) {
    this.iterator = chunks[Symbol.asyncIterator]();
  }

  /**
   * The next bytes, at most `max`; undefined at the end.
   *
   * @throws ConnectionBreak if they do not come in time
   * @throws what the producer throws, or the signal's reason
   */
  async take(max: number, signal: AbortSignal): Promise<Buffer | undefined> {
    let chunk = this.rest;
    while (chunk === undefined || chunk.length === 0) {
      const { done, value } = await this.next(signal);
      if (done) return undefined;
      chunk = asBuffer(value);
      this.assertFast(chunk.length);
    }
    this.rest = chunk.length > max ? chunk.subarray(max) : undefined;
    return chunk.subarray(0, max);
  }

  /** Takes and drops `count` bytes. */
  async skip(count: number, signal: AbortSignal): Promise<void> {
    for (let left = count; left > 0;) {
      const chunk = await this.take(left, signal);
      if (!chunk) throw new ConnectionBreak('the body ended early');
      left -= chunk.length;
    }
  }

  /**
   * Waits for the end of a body whose bytes have all been taken, so that its connection can be used again.
   *
   * @throws SourceError if there are more, and exactly those were asked for
   */
  async end(): Promise<void> {
    this.settle();
    const more = this.rest !== undefined || (await this.hasMore());
    if (more !== false) this.close();
    if (more === true && this.options.exact)
      throw new SourceError('The reader of the source gave more bytes than it was asked for');
  }

  /** Undefined if it does not say in time, or breaks. */
  private async hasMore(): Promise<boolean | undefined> {
    const last = await within(END_MS, (async () => this.iterator.next())()).catch(() => TIMED_OUT);
    if (last === TIMED_OUT) return undefined;
    const { done, value } = last as IteratorResult<unknown, unknown>;
    return done !== true && asBuffer(value).length > 0;
  }

  /** Does not wait: a producer may never answer. */
  close(): void {
    this.rest = undefined;
    this.settle();
    try {
      this.iterator.return?.().then(undefined, () => undefined);
    } catch {
      // A user's iterator can throw at once; there is nothing left to close.
    }
    this.options.drop?.();
  }

  private async next(signal: AbortSignal): Promise<IteratorResult<unknown, unknown>> {
    signal.throwIfAborted();
    this.listenTo(signal);
    const began = performance.now();
    try {
      return await new Promise((resolve, reject) => {
        this.giveUp = reject;
        // One timer for all chunks: a body of 2 GiB has many.
        if (this.timer) this.timer.refresh();
        else this.timer = this.startTimer();
        this.iterator.next().then(resolve, reject);
      });
    } finally {
      this.giveUp = undefined;
      this.waitedMs += performance.now() - began;
    }
  }

  private settle(): void {
    clearTimeout(this.timer);
    this.listenTo(undefined);
  }

  private startTimer(): NodeJS.Timeout {
    const { stallMs } = this.limits;
    return setTimeout(
      () => this.giveUp?.(new ConnectionBreak(`no byte came for ${stallMs} ms`)),
      stallMs,
    ).unref();
  }

  /** Each read of a source has its own signal, and many chunks. */
  private listenTo(signal: AbortSignal | undefined): void {
    if (signal === this.signal) return;
    this.signal?.removeEventListener('abort', this.aborted);
    this.signal = signal;
    signal?.addEventListener('abort', this.aborted);
  }

  private readonly aborted = () => this.giveUp?.(this.signal?.reason as Error);

  /** A body that drips never stalls. */
  private assertFast(bytes: number): void {
    this.received += bytes;
    const { slowMs, slowBytes } = this.limits;
    if (this.waitedMs < slowMs) return;
    if (this.received < slowBytes) throw new ConnectionBreak(`${this.received} bytes came in ${slowMs} ms`);
    this.waitedMs = 0;
    this.received = 0;
  }
}

function asBuffer(value: unknown): Buffer {
  if (!(value instanceof Uint8Array))
    throw new SourceError('The source brought something other than chunks of bytes (Uint8Array)');
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
