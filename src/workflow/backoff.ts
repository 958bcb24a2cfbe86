/** The waits between two checks: pure, so that it can be tested apart and is the same in every replay. */

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
