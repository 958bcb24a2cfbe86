/** Once no run of v1 is open or kept: the old way is gone, and runs of v2, which carry the mark, still replay. */

import { deprecatePatch } from '@temporalio/workflow';
import { toPart, uploadAndWaitActive } from '../../../src/workflow/index.js';
import { announce, describe } from './activities.js';

export async function describeVideo(path: string): Promise<string> {
  const file = await uploadAndWaitActive({ path });
  deprecatePatch('announce-file');
  await announce(file.uri);
  return describe(toPart(file));
}
