/** A workflow as it was first deployed; its runs are open. */

import { toPart, uploadAndWaitActive } from '../../../src/workflow/index.js';
import { describe } from './activities.js';

export async function describeVideo(path: string): Promise<string> {
  const file = await uploadAndWaitActive({ path });
  return describe(toPart(file));
}
