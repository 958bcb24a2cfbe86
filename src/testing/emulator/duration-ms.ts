import { parseDuration, type Duration } from '../../contract/duration.js';

/** Milliseconds of the option `name`. Throws a RangeError if the value is not a duration, or is negative. */
export function durationMs(value: Duration, name: string): number {
  const ms = parseDuration(value);
  if (ms === undefined) throw new RangeError(`${name}: ${JSON.stringify(value)} is not a duration`);
  return ms;
}
