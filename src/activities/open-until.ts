/** Opens the file of an activity, for as long as the activity runs. */

import type { UploadSource } from '../gemini/index.js';
import { endedBy } from '../gemini/ended-by.js';
import { openSource, type OpenContext, type SourceInput, type SourcePolicy } from '../sources/index.js';
import { unlessAborted } from '../util/unless-aborted.js';

/**
 * `openSource`, of which nothing outlasts the context's signal, also if a disk hangs: all calls of the source end with it, and what is opened
 * after it is closed.
 *
 * @throws the signal's reason, and the errors of `openSource`
 */
export async function openUntil(
  input: SourceInput,
  policy: SourcePolicy,
  context: OpenContext,
): Promise<UploadSource> {
  const { signal } = context;
  const opening = openSource(input, policy, context);
  try {
    return endedBy(await unlessAborted(opening, signal), signal);
  } catch (error) {
    opening.then((late) => late.close()).catch(() => undefined);
    throw error;
  }
}
