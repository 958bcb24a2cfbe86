/** A moment by two clocks: the monotonic clock stops while a machine sleeps, and the other can be set back. */
export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** This moment. */
export const instant = (): Instant => ({ monotonicMs: performance.now(), wallMs: Date.now() });

/** Milliseconds since then, by the clock that shows more. */
export function elapsedMs(since: Instant): number {
  return Math.max(performance.now() - since.monotonicMs, Date.now() - since.wallMs);
}
