/** The workflow that a client runs to find the hold of a content: a client cannot read the file, nor does it know the base URL. */

import { toContentHoldId } from '../contract/hold-target.js';
import { IDENTIFY_FIELDS, resolveIdentifyOptions, type IdentifyOptions } from '../contract/identify.js';
import type { UploadOptions } from '../contract/options.js';
import { identify } from './identify-file.js';
import { asApplicationFailure } from './upload-and-wait-active.js';

/**
 * The id of the hold that `reuse: 'content'` means. A worker reads the file, so call it in a workflow: `withHeldFile` and the client do.
 *
 * @param input - the options of the upload, of which those that say which file it is count
 * @returns the workflow id, the same for the same bytes, MIME type, API and credentials profile
 * @throws ApplicationFailure of type `InvalidOptionsError`, or of what the reading of the file failed with
 */
export async function contentHoldId(input: UploadOptions): Promise<string> {
  const given = Object.entries(Object(input) as object);
  const fields = Object.fromEntries(given.filter(([name]) => Object.hasOwn(IDENTIFY_FIELDS, name)));
  const options = asApplicationFailure(() => resolveIdentifyOptions(fields as unknown as IdentifyOptions));
  return toContentHoldId(await identify(options), options.credentials);
}
