/**
 * How much of the file one request sends.
 *
 * What the provider keeps of a request that breaks is not known (provider fact F-UPLOAD-KEPT): at worst, a break costs the whole
 * request. Each request costs a round trip in which nothing is sent. So the first has a fixed size, and the next ones take
 * about the same time each, at the speed that was measured (docs/performance.md, distance).
 */

/** Bytes of the first request. */
const FIRST_BYTES = 64 * 1024 * 1024;

/** How long a request may take at the measured speed, in milliseconds: what a break costs at most. The last request of the file may take a quarter more. */
const REQUEST_MS = 8000;

/** How much longer a request may be than the one before it, unless the file ends with it: the speed may have been that of a moment. */
const MAX_GROWTH = 8;

/** How much longer a request may be if the file ends with it: a short last request costs a round trip for few bytes. */
const LAST_GROWTH = 1.25;

/** A request that failed sooner did not meet a limit of time, in milliseconds: those of gateways are longer. */
const MIN_LIMIT_MS = 2000;

/** Requests that pass before longer ones are tried, if the speed tells nothing: a request that meets the limit of time costs an attempt. */
const PASSED_BEFORE_LONGER = 32;

/** Requests that pass before one of a length that broke is tried once more. */
const PASSED_BEFORE_RETRY = 8;

/** How long a request took, in milliseconds. */
export interface RequestTime {
  readonly ms: number;
  /** Until the last byte was handed to the connection. */
  readonly bodyMs: number;
}

export class RequestSize {
  /** Bytes that take `REQUEST_MS` at the measured speed. Undefined until a request has shown the speed. */
  private measured: number | undefined;
  /** What no request exceeds until enough have passed. */
  private caution = Number.POSITIVE_INFINITY;
  private passedSinceBreak = 0;
  private passedInAll = 0;
  /** What breaks have cost. */
  private readonly lost = new Set<number>();
  private firstBytes: number;

  /**
   * @param granularity - of which all requests but the last are multiples
   * @param maxBytes - what no request exceeds
   * @param first - `forNext` of the attempt before
   */
  constructor(
    private readonly granularity: number,
    private maxBytes: number = Number.POSITIVE_INFINITY,
    private first?: number,
  ) {
    this.firstBytes = Math.min(FIRST_BYTES, first ?? FIRST_BYTES);
  }

  /** Bytes of the next request, if more than that are left. */
  get bytes(): number {
    return this.whole(Math.min(this.measured ?? this.firstBytes, this.caution, this.maxBytes));
  }

  /** Bytes of the first request of another attempt, once one has met what may be a limit of time; undefined: as ever. */
  get forNext(): number | undefined {
    return this.first;
  }

  /** Bytes of the next request. @param left - bytes of the file that are still to be sent */
  of(left: number): number {
    const { bytes } = this;
    const wanted = this.measured === undefined ? this.firstBytes : this.measured * LAST_GROWTH;
    const last = Math.min(wanted, this.caution, this.maxBytes);
    return left <= Math.max(bytes, last) ? left : bytes;
  }

  /** A request has passed. */
  passed(bytes: number, { ms, bodyMs }: RequestTime): void {
    const factor = Math.min(MAX_GROWTH, REQUEST_MS / Math.max(1, ms));
    // Most of the time passed after the last byte: a shorter request would wait as long for its answer.
    if (factor > 1 || bodyMs > ms / 2) this.measured = bytes * factor;
    this.passedSinceBreak += 1;
    if (this.passedSinceBreak >= PASSED_BEFORE_RETRY) {
      this.passedSinceBreak = 0;
      this.caution *= 2;
    }
    this.passedInAll += 1;
    if (this.passedInAll % PASSED_BEFORE_LONGER === 0)
      this.firstBytes = Math.min(FIRST_BYTES, this.firstBytes * 2);
    if (this.first !== undefined) this.first = this.bytes < FIRST_BYTES ? this.bytes : undefined;
  }

  /**
   * A request has broken, and the server has kept nothing of it: its length may be the reason.
   *
   * @param lost - bytes that have to be sent again
   */
  broke(lost: number): void {
    this.passedSinceBreak = 0;
    this.caution = lost / 2;
    // The second time, it is taken for the reason.
    if (this.lost.has(lost)) this.maxBytes = Math.min(this.maxBytes, lost / 2);
    this.lost.add(lost);
  }

  /** A request of that length failed after so many milliseconds, in a way of which a limit of time can be the reason. */
  cutShort(bytes: number, ms: number): void {
    if (ms >= MIN_LIMIT_MS) this.first = this.whole(bytes / 2);
  }

  /** A request of that length was refused as too long. @returns whether a shorter one is possible */
  refused(bytes: number): boolean {
    this.maxBytes = this.whole(bytes / 2);
    return this.maxBytes < bytes;
  }

  private whole(bytes: number): number {
    return Math.max(1, Math.floor(bytes / this.granularity)) * this.granularity;
  }
}
