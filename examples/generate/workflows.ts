/** Uploads a video, asks about it, and deletes it, however the prompt ends. */

import { proxyActivities } from '@temporalio/workflow';
import { toPart, withActiveFile } from 'temporal-gemini-files/workflow';
import type { GenerateActivities } from './activities.js';

const { describe } = proxyActivities<GenerateActivities>({ startToCloseTimeout: '2m' });

export async function describeVideo(path: string): Promise<string> {
  // The block runs once the file is ACTIVE. It is deleted when the block ends: by return, failure or cancellation.
  return withActiveFile({ path, timeout: '90s' }, (file) => describe(toPart(file), 'What happens in it?'));
}
