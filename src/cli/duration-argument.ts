import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../contract/index.js';

/**
 * A flag's duration, in milliseconds.
 *
 * @throws InvalidArgumentError, which commander shows with the flag's name
 */
export function durationArgument(value: string): number {
  const ms = parseDuration(value);
  if (ms === undefined) throw new InvalidArgumentError("expected a duration such as '3s'");
  return ms;
}
