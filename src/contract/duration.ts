import { msToNumber, type Duration as TemporalDuration } from '@temporalio/common/lib/time.js';

type Unit =
  | 'ms'
  | 'msec'
  | 'msecs'
  | 'millisecond'
  | 'milliseconds'
  | 's'
  | 'sec'
  | 'secs'
  | 'second'
  | 'seconds'
  | 'm'
  | 'min'
  | 'mins'
  | 'minute'
  | 'minutes'
  | 'h'
  | 'hr'
  | 'hrs'
  | 'hour'
  | 'hours'
  | 'd'
  | 'day'
  | 'days';

/** A Temporal duration: a number of milliseconds, or a string such as `'90s'`. */
export type Duration = number | `${number}` | `${number}${Unit}` | `${number} ${Unit}`;

/**
 * Milliseconds of a duration, as Temporal's own SDK reads it.
 * Undefined if it cannot be parsed, is negative or is not finite.
 *
 * @param value - milliseconds, or a string such as `'90s'`
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  let ms: number;
  try {
    ms = msToNumber(value as TemporalDuration);
  } catch {
    return undefined;
  }
  return Number.isFinite(ms) && ms >= 0 ? Math.round(ms) : undefined;
}
