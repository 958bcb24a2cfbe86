/** Names of files, as the provider defines them. */

import { string, type Kind } from './kinds.js';

/** A client chooses at most 40 characters; the provider's own names can be longer (provider facts F-START-NAME-RULE and F-GET-BATCH-NAME). */
const FILE_NAME = /^files\/[a-z0-9-]{1,64}$/;

/** What messages say of anything else. */
export const FILE_NAME_RULE = 'expected files/ and 1 to 64 of a-z, 0-9 and dashes';

/**
 * Whether `value` can be the name of a file that exists.
 *
 * @param value - anything
 */
export function isFileName(value: unknown): value is string {
  return typeof value === 'string' && FILE_NAME.test(value);
}

export const fileName: Kind<string> = {
  ...string([isFileName, FILE_NAME_RULE]),
  schema: { type: 'string', pattern: FILE_NAME.source },
};
