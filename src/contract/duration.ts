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

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** Fewer days are shown in hours: the provider's documentation gives the lifetime of a file as 48 hours. */
const MIN_DAYS = 3;

/** A duration as a caller may write it, in the largest unit that gives a whole number: `48h`, `30d`, `500ms`. */
export function formatDuration(ms: number): string {
  for (const [name, unit] of UNITS) {
    const count = ms / unit;
    if (Number.isInteger(count) && count >= (name === 'd' ? MIN_DAYS : 1)) return `${count}${name}`;
  }
  return `${ms}ms`;
}
