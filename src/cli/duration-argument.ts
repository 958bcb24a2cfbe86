import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../contract/duration.js';

/**
 * A flag's duration as it was given; whoever reads it checks it. On the command line, a duration has a unit: people who type
 * `5` mean seconds, and Temporal reads milliseconds.
 *
 * @throws InvalidArgumentError, which commander shows with the flag's name
 */
export function durationText(value: string): string {
  const text = value.trim();
  // Zero is the same in every unit.
  if (text !== '' && Number(text))
    throw new InvalidArgumentError(`A duration has a unit: ${text}s or ${text}ms?`);
  return value;
}

/** Like {@link durationText}, in milliseconds. */
export function durationArgument(value: string): number {
  const ms = parseDuration(durationText(value));
  if (ms === undefined) throw new InvalidArgumentError("expected a duration such as '3s'");
  return ms;
}
