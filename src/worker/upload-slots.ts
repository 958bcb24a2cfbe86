/** Limits concurrent uploads, first come first served. */

import { WaitQueue } from './wait-queue.js';

export class UploadSlots {
  private readonly queue = new WaitQueue<true>();

  constructor(private free: number) {}

  /** Runs `upload` in a slot; rejects with the signal's reason, if that aborts before a slot is free. */
  async run<T>(upload: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.free > 0) this.free -= 1;
    else await this.queue.wait(true, signal);
    try {
      signal.throwIfAborted();
      return await upload();
    } finally {
      if (this.queue.first) this.queue.release();
      else this.free += 1;
    }
  }
}
