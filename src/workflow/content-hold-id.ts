/** The workflow that a client runs to find the hold of a content: a client cannot read the file, nor does it know the base URL. */

import { toContentHoldId } from '../contract/hold-target.js';
import { IDENTIFY_FIELDS, resolveIdentifyOptions, type IdentifyOptions } from '../contract/identify.js';
import type { UploadOptions } from '../contract/options.js';
import { identify } from './identify-file.js';
import { asApplicationFailure } from './upload-and-wait-active.js';

/**
 *
 * @param input - the identity of the file
 * @returns the id of the hold that `reuse: 'content'` means
 */
export async function contentHoldId(input: UploadOptions): Promise<string> {
  const given = Object.entries(Object(input) as object);
  const fields = Object.fromEntries(given.filter(([name]) => Object.hasOwn(IDENTIFY_FIELDS, name)));
  const options = asApplicationFailure(() => resolveIdentifyOptions(fields as unknown as IdentifyOptions));
  return toContentHoldId(await identify(options), options.credentials);
}
