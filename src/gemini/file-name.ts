/** Names of files, as the provider defines them. */

import { InvalidOptionsError } from '../contract/errors.js';
import { show } from '../contract/show.js';

/** `files/` and at most 40 lower-case letters, digits and inner dashes (provider fact F-START-NAME-RULE). */
const FILE_NAME = /^files\/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** What messages say of anything else. */
export const FILE_NAME_RULE = 'expected files/ and at most 40 of a-z, 0-9 and inner dashes';

export function isFileName(value: unknown): value is string {
  return typeof value === 'string' && FILE_NAME.test(value);
}

/**
 * Anything else could lead to another resource than a file.
 *
 * @throws InvalidOptionsError
 */
export function assertFileName(name: unknown): void {
  if (isFileName(name)) return;
  throw new InvalidOptionsError(`Invalid option name: ${FILE_NAME_RULE}, got ${show(name)}`);
}
