import { parseDuration, type Duration } from '../../contract/duration.js';

/** Milliseconds of the option `name`. Throws a RangeError for what is no duration, or a negative one. */
export function durationMs(value: Duration, name: string): number {
  const ms = parseDuration(value);
  if (ms === undefined) throw new RangeError(`${name}: ${JSON.stringify(value)} is not a duration`);
  return ms;
}
