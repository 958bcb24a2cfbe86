/**
 * The leases of a hold and the callers that wait for its file: pure, so that it can be tested apart and is the same in every replay.
 * Times are milliseconds since the epoch.
 *
 * B1. A lease waits until a file can be used; then it gets its end: its time counts from its acquire, or from the moment when the
 *     file was first ACTIVE, if that came later. A lease that waits does not end by itself.
 * B2. A repeated acquire can extend a lease and never shortens it. Until a file can be used, the lease shows no end, as a new one
 *     does: who repeats an acquire waits for the check of the file, too. It ends at its time nevertheless. After a release, an acquire
 *     makes a new lease.
 * B3. The book has a bounded size, so that the next run can always be given it.
 */

import type { HoldLease } from '../../contract/hold.js';
import { jsonBytes } from '../../util/json-bytes.js';

interface Lease {
  readonly id: string;
  /** The longest duration that it was acquired for. */
  readonly forMs: number;
  /** The latest acquire. */
  readonly acquiredAt: number;
  /** Null as long as the lease waits. */
  readonly until: number | null;
  /** Acquired again, and the file cannot be used yet (B2). */
  readonly asksAgain?: true;
}

/** A workflow that is answered once a file can be used. */
export interface Waiting {
  readonly leaseId: string;
  readonly workflowId: string;
}

/** A book as data: what one run hands to the next. */
export interface LeaseBookData {
  readonly leases: readonly Lease[];
  readonly waiting: readonly Waiting[];
  /** How many leases there were. */
  readonly total: number;
}

/** Bytes of JSON: half of what Temporal takes in one payload, since the answer to the query and the next run's input hold it. */
const MAX_BYTES = 1_000_000;

export class LeaseBook {
  private readonly leases = new Map<string, Lease>();
  private readonly waiting = new Map<string, Waiting>();
  private bytes = 0;
  /** How many leases there were. */
  total = 0;

  constructor(data: LeaseBookData = { leases: [], waiting: [], total: 0 }) {
    for (const lease of data.leases) this.set(lease);
    for (const one of data.waiting) this.wait(one);
    this.total = data.total;
  }

  /**
   * Acquires a lease, or extends it.
   *
   * @param usable - whether a file can be used now; otherwise a new lease waits
   * @param replyTo - the workflow that waits for an answer
   * @returns false if the book is full (B3)
   */
  acquire(id: string, forMs: number, now: number, usable: boolean, replyTo?: string): boolean {
    const known = this.leases.get(id);
    const waiting = replyTo === undefined ? undefined : { leaseId: id, workflowId: replyTo };
    const bytes = (known ? 0 : bytesOf(id)) + (waiting ? bytesOf(waiting) : 0);
    if (bytes > 0 && this.bytes + bytes > MAX_BYTES) return false;
    const lease = { id, forMs, acquiredAt: now, until: usable ? now + forMs : null };
    if (!known) this.total += 1;
    this.set(known ? extended(known, lease) : lease);
    if (waiting) this.wait(waiting);
    return true;
  }

  /** Ends a lease; the callers that wait for it are not answered any more. An unknown id is ignored. */
  release(id: string): void {
    this.remove(id);
    for (const [key, one] of this.waiting) if (one.leaseId === id) this.forget(key, one);
  }

  /** Gives the leases that wait their end (B1), and shows that of others again (B2). */
  grant(firstActiveAt: number): void {
    for (const { asksAgain, ...lease } of [...this.leases.values()]) {
      if (lease.until === null)
        this.set({ ...lease, until: Math.max(lease.acquiredAt, firstActiveAt) + lease.forMs });
      else if (asksAgain) this.set(lease);
    }
  }

  /** Removes the leases that are over. */
  expire(now: number): void {
    for (const { id, until } of [...this.leases.values()])
      if (until !== null && until <= now) this.remove(id);
  }

  /** Whether the lease has ended, although it may not have been removed yet: its time can end while it waits. */
  isOver(id: string, now: number): boolean {
    const until = this.leases.get(id)?.until;
    return until === undefined || (until !== null && until <= now);
  }

  /** Takes callers that wait, at most `count`, who are to be answered now. */
  takeWaiting(count = Infinity): Waiting[] {
    const taken = [...this.waiting.entries()].slice(0, count);
    for (const [key, one] of taken) this.forget(key, one);
    return taken.map(([, one]) => one);
  }

  get size(): number {
    return this.leases.size;
  }

  /** Whether a lease or a caller waits. */
  get isAwaited(): boolean {
    return (
      this.hasCallers || [...this.leases.values()].some(({ until, asksAgain }) => until === null || asksAgain)
    );
  }

  /** Whether a caller waits. */
  get hasCallers(): boolean {
    return this.waiting.size > 0;
  }

  /** When the next lease ends; undefined if none has an end. */
  get nextEnd(): number | undefined {
    const ends = [...this.leases.values()].flatMap(({ until }) => until ?? []);
    return ends.length === 0 ? undefined : ends.reduce((least, end) => Math.min(least, end));
  }

  /** The leases as the query answers them. */
  list(): HoldLease[] {
    return [...this.leases.values()].map(({ id, until, asksAgain }) => ({
      id,
      until: until === null || asksAgain ? null : new Date(until).toISOString(),
    }));
  }

  toData(): LeaseBookData {
    return {
      leases: [...this.leases.values()],
      waiting: [...this.waiting.values()],
      total: this.total,
    };
  }

  private set(lease: Lease): void {
    if (!this.leases.has(lease.id)) this.bytes += bytesOf(lease.id);
    this.leases.set(lease.id, lease);
  }

  private remove(id: string): void {
    if (this.leases.delete(id)) this.bytes -= bytesOf(id);
  }

  private wait(one: Waiting): void {
    const key = JSON.stringify([one.leaseId, one.workflowId]);
    if (!this.waiting.has(key)) this.bytes += bytesOf(one);
    this.waiting.set(key, one);
  }

  private forget(key: string, one: Waiting): void {
    if (this.waiting.delete(key)) this.bytes -= bytesOf(one);
  }
}

/** Of an entry, the names of its fields and its numbers. */
const ENTRY_BYTES = 150;

function bytesOf(entry: unknown): number {
  return jsonBytes(entry) + ENTRY_BYTES;
}

/** B2. One that waits keeps the longest of its durations: its time can begin later than any of its acquires. */
function extended(known: Lease, again: Lease): Lease {
  const waits = known.until === null;
  return {
    ...again,
    forMs: Math.max(known.forMs, again.forMs),
    until: waits ? null : Math.max(known.until, again.acquiredAt + again.forMs),
    ...(!waits && again.until === null && { asksAgain: true }),
  };
}
