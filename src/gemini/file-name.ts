/** Checks of the names that requests are made of. */

import type { InvalidOptionsError } from '../contract/errors.js';
import { FILE_NAME_RULE, isFileName } from '../contract/file-name.js';
import { invalidValue } from '../contract/invalid-option.js';

/** `files/` and at most 40 lower-case letters, digits and inner dashes (provider fact F-START-NAME-RULE). */
const UPLOAD_NAME = /^files\/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** What messages say of anything else. */
export const UPLOAD_NAME_RULE = 'expected files/ and at most 40 of a-z, 0-9 and inner dashes';

/** Whether an upload can choose this name. */
export function isUploadName(value: unknown): value is string {
  return typeof value === 'string' && UPLOAD_NAME.test(value);
}

/** @throws InvalidOptionsError */
export function assertUploadName(name: unknown): void {
  if (!isUploadName(name)) throw invalidName(UPLOAD_NAME_RULE, name);
}

/**
 * Anything else could lead to another resource than a file.
 *
 * @throws InvalidOptionsError
 */
export function assertFileName(name: unknown): void {
  if (!isFileName(name)) throw invalidName(FILE_NAME_RULE, name);
}

function invalidName(rule: string, name: unknown): InvalidOptionsError {
  return invalidValue('name', rule, name);
}
