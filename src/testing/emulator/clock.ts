/** The emulator's time: the machine's, moved forward by tests. */

interface Alarm {
  readonly dueMs: number;
  readonly ring: () => void;
  timer?: NodeJS.Timeout;
}

/** The longest delay of setTimeout; an alarm that is due later is armed again. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class EmulatorClock {
  #aheadMs = 0;
  readonly #alarms = new Set<Alarm>();

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#aheadMs;
  }

  /** Alarms that become due ring before this returns, in the order of their times, and each of them at its own time. */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0)
      throw new RangeError(`advance: ${ms} is not a number of milliseconds >= 0`);
    this.#ringDue(this.now() + ms);
  }

  /** Moves the time forward to `ms` milliseconds since the epoch; a time that is past is ignored. */
  advanceTo(ms: number): void {
    if (!Number.isFinite(ms))
      throw new RangeError(`time: ${String(ms)} is not a number of milliseconds since the epoch`);
    this.advance(Math.max(0, ms - this.now()));
  }

  /** Calls `ring`, which must not throw, when `ms` milliseconds of this clock have passed. */
  schedule(ms: number, ring: () => void): void {
    const alarm: Alarm = { dueMs: this.now() + ms, ring };
    this.#alarms.add(alarm);
    this.#arm(alarm);
  }

  /** Drops all alarms. */
  stop(): void {
    for (const { timer } of this.#alarms) clearTimeout(timer);
    this.#alarms.clear();
  }

  #arm(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    const leftMs = Math.min(Math.max(alarm.dueMs - this.now(), 0), MAX_TIMER_MS);
    alarm.timer = setTimeout(() => this.#ringDue(), leftMs);
  }

  #nextDue(endMs: number): Alarm | undefined {
    const due = [...this.#alarms].filter(({ dueMs }) => dueMs <= endMs);
    return due.sort((a, b) => a.dueMs - b.dueMs)[0];
  }

  /** Moves the time forward to `endMs`, by way of each alarm that is due until then. */
  #ringDue(endMs = this.now()): void {
    for (let next = this.#nextDue(endMs); next; next = this.#nextDue(endMs)) {
      this.#moveTo(next.dueMs);
      clearTimeout(next.timer);
      this.#alarms.delete(next);
      next.ring();
    }
    this.#moveTo(endMs);
    for (const alarm of this.#alarms) this.#arm(alarm);
  }

  /** A time that is past is ignored. */
  #moveTo(ms: number): void {
    this.#aheadMs = Math.max(this.#aheadMs, ms - Date.now());
  }
}
