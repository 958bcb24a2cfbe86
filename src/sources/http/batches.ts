/** The body of an answer in few large chunks: a connection brings it by TLS records of 16 KiB, and each chunk costs promises and a write. */

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Bytes from which on the connection is asked to pause. */
const BATCH_BYTES = 256 * 1024;

/** What a connection that was asked to pause brings all the same: what it has decrypted. */
const SLACK_BYTES = 64 * 1024;

/**
 * What has come, a chunk at a time. It waits for nothing but the first byte, so a slow body is handed on as it comes. A chunk is valid
 * until the next one is asked for: two buffers are used in turn, since memory that is left to the garbage collector with each chunk adds up to
 * tens of megabytes before it is freed.
 */
export class Batches implements AsyncIterable<Buffer> {
  private filling = Buffer.allocUnsafeSlow(BATCH_BYTES + SLACK_BYTES);
  private handedOn = Buffer.allocUnsafeSlow(BATCH_BYTES + SLACK_BYTES);
  private length = 0;
  /** What the buffer had no room for. */
  private rest: Buffer | undefined;
  private outcome: { readonly error?: Error } | undefined;
  private wake = () => undefined as void;

  /** @param flow - lets the connection bring more, or not */
  constructor(private readonly flow: (more: boolean) => void) {}

  /** Copies `part`. */
  add(part: Buffer): void {
    const copied = this.rest ? 0 : part.copy(this.filling, this.length);
    this.length += copied;
    if (copied < part.length)
      this.rest = Buffer.concat([this.rest ?? Buffer.alloc(0), part.subarray(copied)]);
    if (this.length >= BATCH_BYTES) this.flow(false);
    this.wake();
  }

  /** Nothing more comes: the body is complete, or broke with `error`. What has come before is still handed on. */
  end(error?: Error): void {
    this.outcome ??= { ...(error && { error }) };
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      if (this.length === 0 && !this.outcome) await new Promise<void>((resolve) => (this.wake = resolve));
      // What the system has received meanwhile is read in this turn of the event loop.
      if (this.length < BATCH_BYTES && !this.outcome) await nextTurn();
      if (this.length > 0) yield this.swap();
      else if (this.outcome?.error) throw this.outcome.error;
      else if (this.outcome) return;
    }
  }

  private swap(): Buffer {
    const chunk = this.filling.subarray(0, this.length);
    [this.filling, this.handedOn] = [this.handedOn, this.filling];
    this.length = this.rest?.copy(this.filling) ?? 0;
    this.rest = this.rest && this.length < this.rest.length ? this.rest.subarray(this.length) : undefined;
    if (this.length < BATCH_BYTES) this.flow(true);
    return chunk;
  }
}
