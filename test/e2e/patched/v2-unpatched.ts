/** The change as it must not be made: the runs that are past the upload meet an activity that their history does not have. */

import { toPart, uploadAndWaitActive } from '../../../src/workflow/index.js';
import { announce, describe } from './activities.js';

export async function describeVideo(path: string): Promise<string> {
  const file = await uploadAndWaitActive({ path });
  await announce(file.uri);
  return describe(toPart(file));
}
