/** The same change under open runs: new runs announce the file, those that are past this point continue without it. */

import { patched } from '@temporalio/workflow';
import { toPart, uploadAndWaitActive } from '../../../src/workflow/index.js';
import { announce, describe } from './activities.js';

export async function describeVideo(path: string): Promise<string> {
  const file = await uploadAndWaitActive({ path });
  if (patched('announce-file')) await announce(file.uri);
  return describe(toPart(file));
}
