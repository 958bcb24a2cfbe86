/**
 * When heartbeats are sent. Temporal Cloud bills each one, and a cancellation is the answer to one.
 *
 * In its first minute, when a person who has started the wrong upload cancels it, an attempt sends one a second. Later it sends
 * one every 4.6 s, so that a cancellation is noticed within 5 s. At the usual heartbeat timeout of 10 s, one of these may be
 * lost. The SDK gets its own heartbeats, which are billed too: it ends an activity 5 s after the heartbeat timeout
 * (`local_timeout_buffer_for_activities` of its core).
 */

/** How often an attempt is looked at in its first minute, and a heartbeat sent, in milliseconds. */
export const FIRST_BEAT_MS = 1000;

const FIRST_PHASE_MS = 60_000;
const FIRST_TICKS_PER_SDK_BEAT = 4;

const LATER_BEAT_MS = 4600;
/** Share of a short heartbeat timeout in place of that. */
const LATER_BEAT_SHARE = 0.46;
/** A heartbeat that was not answered is sent again at the next of these. */
const LATER_TICKS_PER_BEAT = 4;
const LATER_TICKS_PER_SDK_BEAT = 10;

/** What is sent at a tick. */
export interface TickBeats {
  /** The heartbeat whose answer is read. */
  readonly confirmed: boolean;
  /** The heartbeat of the SDK. */
  readonly sdk: boolean;
}

export class HeartbeatRhythm {
  private sinceConfirmed = 0;
  private sinceSdk = 0;
  /** Whether the SDK has had a heartbeat, so that it may hold back another one. */
  sdkHasBeaten = false;

  /** @param timeoutMs - the heartbeat timeout; infinite if there is none */
  constructor(private readonly timeoutMs: number) {}

  /** The time until the next tick, `elapsedMs` after the start of the attempt. */
  tickMs(elapsedMs: number): number {
    return isFirst(elapsedMs)
      ? Math.min(FIRST_BEAT_MS, this.timeoutMs / 5)
      : Math.min(LATER_BEAT_MS, this.timeoutMs * LATER_BEAT_SHARE) / LATER_TICKS_PER_BEAT;
  }

  /** @param answered - whether the last confirmed heartbeat was answered */
  tick(elapsedMs: number, answered: boolean): TickBeats {
    this.sinceConfirmed += 1;
    this.sinceSdk += 1;
    const first = isFirst(elapsedMs);
    const confirmed = first || !answered || this.sinceConfirmed >= LATER_TICKS_PER_BEAT;
    const sdk = this.sinceSdk >= (first ? FIRST_TICKS_PER_SDK_BEAT : LATER_TICKS_PER_SDK_BEAT);
    if (confirmed) this.sinceConfirmed = 0;
    if (sdk) this.sinceSdk = 0;
    this.sdkHasBeaten ||= sdk;
    return { confirmed, sdk };
  }
}

const isFirst = (elapsedMs: number) => elapsedMs <= FIRST_PHASE_MS;
