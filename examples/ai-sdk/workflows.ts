/** Uploads a video, asks about it by the AI SDK, and deletes it. */

import { proxyActivities } from '@temporalio/workflow';
import { toProviderReference, withActiveFile } from 'temporal-gemini-files/workflow';
import type { AskActivities } from './activities.js';

const { ask } = proxyActivities<AskActivities>({ startToCloseTimeout: '2m' });

export async function askByAiSdk(path: string): Promise<string> {
  return withActiveFile({ path, timeout: '90s' }, (file) =>
    ask(toProviderReference(file), file.mimeType, 'What happens in it?'),
  );
}
