/** The activities can be called by any workflow: what they are given is checked again. */

import { InvalidOptionsError } from '../contract/errors.js';

/** As the provider defines it: at most 40 lower-case letters, digits and inner dashes. */
const FILE_NAME = /^files\/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

export function isFileName(name: unknown): name is string {
  return typeof name === 'string' && FILE_NAME.test(name);
}

export function assertFileName(name: unknown): asserts name is string {
  if (isFileName(name)) return;
  throw new InvalidOptionsError(
    `Invalid option name: expected files/ and at most 40 of a-z, 0-9 and inner dashes, got ${JSON.stringify(name)}`,
  );
}
