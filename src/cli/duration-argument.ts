import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../contract/duration.js';
import type { Kind } from '../contract/kinds.js';
import { invalidValue } from '../contract/invalid-option.js';

const EXPECTED = "expected a number with a unit, such as '3s', '500ms' or '10m'";

/**
 * A flag's duration as it was given. On the command line, a duration has a unit: people who type `5` mean seconds, and Temporal reads
 * milliseconds.
 *
 * @throws InvalidArgumentError, which commander shows with the flag's name
 */
function durationText(value: string): string {
  const text = value.trim();
  // Zero is the same in every unit.
  if (text !== '' && Number(text)) {
    const isPlain = /^\d*\.?\d+$/.test(text);
    throw new InvalidArgumentError(isPlain ? `A duration has a unit: ${text}s or ${text}ms?` : EXPECTED);
  }
  return value;
}

/** A flag's duration in milliseconds. @throws InvalidArgumentError */
export function durationArgument(value: string): number {
  const ms = parseDuration(durationText(value));
  if (ms === undefined) throw new InvalidArgumentError(EXPECTED);
  return ms;
}

/** The same of a duration that has bounds: those of its kind. */
export function durationOfKind(kind: Pick<Kind<string>, 'mismatch'>): (value: string) => number {
  return (value) => {
    const ms = durationArgument(value);
    const mismatch = kind.mismatch(value);
    if (mismatch !== undefined) throw new InvalidArgumentError(mismatch);
    return ms;
  };
}

/**
 * Reads the flag of a duration among the contract's options, which checks its bounds. @param none - whether `none` stands for null
 */
export function durationOption(option: string, none = false): (value: string) => string {
  return (value) => {
    const text = durationText(value);
    if (parseDuration(text) !== undefined || (none && text === 'none')) return text;
    const expected = none ? `${EXPECTED}, or none` : EXPECTED;
    throw invalidValue(option, expected, value);
  };
}
