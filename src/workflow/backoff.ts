/** The waits between two checks, and between two uploads to a full storage: pure, so that it can be tested apart and is the same in every replay. */

import { BOUNDS } from '../contract/options.js';

export interface BackoffOptions {
  /** First interval, milliseconds. */
  readonly pollInterval: number;
  /** Cap, milliseconds; null: none. */
  readonly maxPollInterval: number | null;
  readonly backoffCoefficient: number;
  /** Greatest move of an interval up or down, milliseconds. */
  readonly jitter: number;
}

/** Nothing waits longer; without a bound, an uncapped interval would grow to Infinity, which JSON can't carry on. */
const LONGEST = BOUNDS.maxTimeout;

/** The interval that follows `interval`, before jitter; milliseconds. */
export function nextInterval(interval: number, options: BackoffOptions): number {
  return Math.min(interval * options.backoffCoefficient, options.maxPollInterval ?? LONGEST);
}

/**
 * The sleep before the next check, in whole milliseconds: the interval moved by the jitter, but not below the least poll
 * interval, and clipped to what remains until the deadline, so that the last check comes at it.
 *
 * @param random - in [0, 1): the workflow sandbox's own, so that a replay sleeps the same
 */
export function sleepBefore(interval: number, remaining: number, random: number, jitter: number): number {
  const moved = Math.max(interval + (random * 2 - 1) * jitter, BOUNDS.minPollInterval);
  return Math.max(1, Math.ceil(Math.min(moved, remaining)));
}

/** The first wait for storage, and the longest, in milliseconds. */
const FIRST_QUOTA_WAIT = 30_000;
const LONGEST_QUOTA_WAIT = 600_000;
/** Greatest move of such a wait up or down, as a share of it: many uploads that wait for the same storage come one after the other. */
const QUOTA_JITTER = 0.1;
/** What the last wait leaves for the upload after it: half of the remaining time, and at most this. Milliseconds. */
const LAST_UPLOAD_RESERVE = 60_000;

/**
 * The wait before an upload that a full storage has refused is tried again; undefined if no time is left.
 *
 * @param waits - how many there were before
 * @param remaining - milliseconds until the end of the whole upload
 * @param random - in [0, 1)
 * @returns milliseconds, and whether the next attempt is the last one
 */
export function quotaSleep(
  waits: number,
  remaining: number,
  random: number,
): { readonly ms: number; readonly last: boolean } | undefined {
  // The exponent is bounded, because 2 ** 1024 is Infinity.
  const interval = Math.min(FIRST_QUOTA_WAIT * 2 ** Math.min(waits, 10), LONGEST_QUOTA_WAIT);
  const moved = Math.min(interval * (1 + (random * 2 - 1) * QUOTA_JITTER), LONGEST_QUOTA_WAIT);
  const longest = remaining - Math.min(remaining / 2, LAST_UPLOAD_RESERVE);
  if (longest < 1) return undefined;
  return { ms: Math.ceil(Math.min(moved, longest)), last: moved >= longest };
}
