/** One resumable upload: its state, the bytes it has kept, and their running hash. The bytes themselves are not kept. */

import { createHash, type Hash } from 'node:crypto';
import type { Persist, SlowFinalizeFault } from './fault.js';
import type { Reply } from './reply.js';

/** `finalizing`: all bytes are there, and a slow finalize is in progress; `terminated`: rejected by the server, by an error with `final`; `expired`: by a fault, for an old session is not there any more. */
export type SessionState = 'active' | 'finalizing' | 'final' | 'cancelled' | 'terminated' | 'expired';

/** What the start request declared. */
export interface SessionStart {
  readonly id: string;
  readonly owner: string;
  /** `files/<id>`, if the client chose one. */
  readonly name: string | undefined;
  readonly displayName: string | undefined;
  readonly mimeType: string;
  /** `X-Goog-Upload-Header-Content-Length`; undefined if it was not sent. */
  readonly declaredBytes: number | undefined;
  readonly startedAtMs: number;
}

/** A finalize in progress. */
export interface Finalization {
  readonly fault: SlowFinalizeFault;
  /** Resolves with its answer, once it has changed the session; does not reject. */
  readonly outcome: Promise<Reply>;
}

/** A point that the session can be rolled back to. */
interface Mark {
  readonly offset: number;
  readonly hash: Hash;
}

const MAX_MARKS = 512;

export class UploadSession {
  #state: SessionState = 'active';
  #committed: Mark = { offset: 0, hash: createHash('sha256') };
  #marks: Mark[] = [];
  #writer: SessionWriter | undefined;
  #fileName: string | undefined;
  #finalization: Finalization | undefined;

  constructor(
    readonly start: SessionStart,
    readonly granularity: number,
  ) {}

  get state(): SessionState {
    return this.#state;
  }

  /** Bytes that the session has kept: the offset that the next data must have. */
  get received(): number {
    return this.#committed.offset;
  }

  /** The file that the finalize made. */
  get fileName(): string | undefined {
    return this.#fileName;
  }

  /** The slow finalize that was begun, in progress or not. */
  get finalization(): Finalization | undefined {
    return this.#finalization;
  }

  sha256(): string {
    return this.#committed.hash.copy().digest('hex');
  }

  /** Begins a data request. One that is still under way is cut off, as if its connection had broken. */
  write(persist: Persist, onSuperseded: () => void): SessionWriter {
    this.interrupt();
    this.#writer = new SessionWriter(this.#committed, this.granularity, persist, onSuperseded, (mark) => {
      this.#marks = [...this.#marks, this.#committed].slice(-MAX_MARKS);
      this.#committed = mark;
    });
    return this.#writer;
  }

  /** Cuts off a data request that is under way, so that the offset that is reported from now on stays true. */
  interrupt(): void {
    this.#writer?.supersede();
    this.#writer = undefined;
  }

  /** Forgets the last `requests` data requests. */
  rollBack(requests: number): void {
    this.interrupt();
    for (let left = requests; left > 0; left--) this.#committed = this.#marks.pop() ?? this.#committed;
  }

  beginFinalize(finalization: Finalization): void {
    this.#state = 'finalizing';
    this.#finalization = finalization;
  }

  /** The outcome of a finalize. A session that was ended while a slow one was in progress stays as it was ended. */
  endFinalize(state: 'final' | 'terminated', fileName?: string): void {
    if (this.#state === 'active' || this.#state === 'finalizing') this.end(state, fileName);
  }

  /** A slow finalize failed without a verdict: its bytes are kept, and it may be asked for again. */
  abandonFinalize(): void {
    if (this.#state === 'finalizing') this.#state = 'active';
  }

  end(state: Exclude<SessionState, 'active' | 'finalizing'>, fileName?: string): void {
    this.interrupt();
    this.#state = state;
    this.#fileName = fileName;
    this.#marks = [];
  }
}

/** The bytes of one data request, which count only once they are committed. */
export class SessionWriter {
  #offset: number;
  readonly #hash: Hash;
  #granular: Mark | undefined;
  #settled = false;

  constructor(
    base: Mark,
    private readonly granularity: number,
    private readonly persist: Persist,
    private readonly onSuperseded: () => void,
    private readonly onCommit: (mark: Mark) => void,
  ) {
    this.#offset = base.offset;
    this.#hash = base.hash.copy();
  }

  /** Offset after the bytes written so far. */
  get offset(): number {
    return this.#offset;
  }

  get settled(): boolean {
    return this.#settled;
  }

  write(chunk: Buffer): void {
    const end = this.#offset + chunk.length;
    const boundary = Math.floor(end / this.granularity) * this.granularity;
    if (boundary > this.#offset) {
      const head = boundary - this.#offset;
      this.#hash.update(chunk.subarray(0, head));
      this.#granular = { offset: boundary, hash: this.#hash.copy() };
      this.#hash.update(chunk.subarray(head));
    } else {
      this.#hash.update(chunk);
    }
    this.#offset = end;
  }

  commit(): void {
    if (this.#settle()) this.onCommit({ offset: this.#offset, hash: this.#hash });
  }

  /** The request was refused: nothing of it stays. */
  discard(): void {
    this.#settle();
  }

  /** The request broke off: what stays of it is the policy's to say. */
  breakOff(): void {
    if (!this.#settle()) return;
    if (this.persist === 'all') this.onCommit({ offset: this.#offset, hash: this.#hash });
    if (this.persist === 'granular' && this.#granular) this.onCommit(this.#granular);
  }

  supersede(): void {
    if (this.#settled) return;
    this.breakOff();
    this.onSuperseded();
  }

  #settle(): boolean {
    const first = !this.#settled;
    this.#settled = true;
    return first;
  }
}
