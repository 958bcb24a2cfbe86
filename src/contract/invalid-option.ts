/**
 * The message of an `InvalidOptionsError` about one option is made and read here only. Over Temporal, the message is all that names the
 * option.
 */

import { InvalidOptionsError } from './errors.js';
import { formatValue } from './show.js';

/**
 * @param option - its name, or the path of a field in it: `sources.https.allowedOrigins[0]`
 * @param mistake - what is wrong with it
 */
export function invalidOption(option: string, mistake: string): InvalidOptionsError {
  return new InvalidOptionsError(`Invalid option ${option}: ${mistake}`);
}

/**
 * @param option - as for `invalidOption`
 * @param expectation - what it should be: `expected …`
 * @param value - what it is
 * @param concealed - whether the message must not show the value
 */
export function invalidValue(
  option: string,
  expectation: string,
  value: unknown,
  concealed = false,
): InvalidOptionsError {
  return invalidOption(option, concealed ? expectation : `${expectation}, got ${formatValue(value)}`);
}

/** What `invalidOption` was given for this message, if the name contains no `: `. Undefined for any other message. */
export function parseInvalidOption(message: string): { option: string; mistake: string } | undefined {
  const [, option, mistake] = /^Invalid option (.+?): (.*)$/s.exec(message) ?? [];
  return option === undefined || mistake === undefined ? undefined : { option, mistake };
}
