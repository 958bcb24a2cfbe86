/**
 * Shares a rate among the uploads of a worker, first come first served.
 *
 * A token bucket alone would divide the rate among all open requests: with many uploads each would crawl, and servers close
 * connections on which nothing moves. Therefore a request waits for its turn before it connects, and only as many requests
 * send at once as can use the rate:
 *
 * 1. Requests begin in the order of their uploads. One begins if no other is sending, if the bucket holds enough for it and for
 *    all that are sending, or if the requests that are sending leave a part of the rate unused.
 * 2. Requests that are sending take bytes in the order in which they ask, a piece at a time.
 * 3. A request that is aborted, or that breaks, leaves both queues at once and takes no bytes.
 */

import type { SendPace, SendTurn } from '../gemini/index.js';
import { WaitQueue } from './wait-queue.js';

export interface Clock {
  /** Milliseconds; never goes back. */
  readonly now: () => number;
  /** Calls `run` once, after `ms` milliseconds. @returns a function that cancels the call */
  readonly after: (ms: number, run: () => void) => () => void;
}

const CLOCK: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Bucket size: the rate applies to each second, not to each piece. */
const SAVED_MS = 1000;
/** Size of a piece, as the time that it takes at the full rate. Short, so that no request waits for long if many are sending. */
const PIECE_MS = 1000 / 16;
const MAX_PIECE_BYTES = 1024 * 1024;
/** If the bucket holds this much while requests are sending, they do not use the whole rate. More than a piece. */
const UNUSED_MS = 250;

export class SendLimiter {
  private uploads = 0;
  private sending = 0;
  /** Bytes that the requests that are sending still have to take. */
  private owed = 0;
  private saved: number;
  private savedAt: number;
  private begunAt = Number.NEGATIVE_INFINITY;
  private readonly beginners = new WaitQueue<number>();
  private readonly takers = new WaitQueue<number>();
  private stopTimer: (() => void) | undefined;

  constructor(
    private readonly bytesPerSecond: number,
    private readonly clock: Clock = CLOCK,
  ) {
    this.saved = this.bytesIn(SAVED_MS);
    this.savedAt = clock.now();
  }

  /** The pace of one more upload; it comes after those that have one already. */
  readonly pace = (): SendPace => {
    const order = (this.uploads += 1);
    return async (bytes, signal) => {
      const turn = this.beginners.wait(bytes, signal, order);
      this.serve();
      await turn;
      return this.turnOf(bytes);
    };
  };

  private turnOf(bytes: number): SendTurn {
    let left = bytes;
    let ended = false;
    return {
      pieceBytes: Math.ceil(Math.min(MAX_PIECE_BYTES, this.bytesIn(PIECE_MS))),
      take: async (count, signal) => {
        const taken = this.takers.wait(count, signal);
        this.serve();
        await taken;
        left -= count;
        this.owed -= count;
      },
      end: () => {
        if (ended) return;
        ended = true;
        this.sending -= 1;
        this.owed -= left;
        this.serve();
      },
    };
  }

  /** Releases each piece and each request that may be sent, and sets a timer for the next one. */
  private serve(): void {
    this.stopTimer?.();
    const now = this.clock.now();
    this.saved = Math.min(this.bytesIn(SAVED_MS), this.saved + this.bytesIn(now - this.savedAt));
    this.savedAt = now;
    for (let bytes; (bytes = this.takers.first) !== undefined && this.saved >= bytes;) {
      this.saved -= bytes;
      this.takers.release();
    }
    for (let bytes; (bytes = this.beginners.first) !== undefined && this.mayBegin(bytes, now);) {
      this.sending += 1;
      this.owed += bytes;
      this.begunAt = now;
      this.beginners.release();
    }
    const wait = this.untilNext(now);
    this.stopTimer =
      wait === undefined ? undefined : this.clock.after(Math.max(1, Math.ceil(wait)), () => this.serve());
  }

  private mayBegin(bytes: number, now: number): boolean {
    if (this.sending === 0 || this.saved >= this.owed + bytes) return true;
    const unused = this.takers.first === undefined && this.saved >= this.bytesIn(UNUSED_MS);
    // One at a time: the one before it may use the rest of the rate.
    return unused && now - this.begunAt >= UNUSED_MS;
  }

  /** Milliseconds until the next waiter can be released if nothing else happens; undefined if no waiter depends on time. */
  private untilNext(now: number): number | undefined {
    const { first } = this.takers;
    if (first !== undefined) return this.millisecondsFor(first - this.saved);
    if (this.beginners.first === undefined) return undefined;
    return Math.max(
      this.begunAt + UNUSED_MS - now,
      this.millisecondsFor(this.bytesIn(UNUSED_MS) - this.saved),
    );
  }

  private bytesIn(ms: number): number {
    return (this.bytesPerSecond * ms) / 1000;
  }

  private millisecondsFor(bytes: number): number {
    return (bytes * 1000) / this.bytesPerSecond;
  }
}
