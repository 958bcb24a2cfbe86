/** The emulator's time: the machine's, moved forward by tests. */
export class EmulatorClock {
  #aheadMs = 0;

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#aheadMs;
  }

  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0)
      throw new RangeError(`advance: ${ms} is not a number of milliseconds >= 0`);
    this.#aheadMs += ms;
  }
}
