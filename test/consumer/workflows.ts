/** A user's own workflow that embeds the wait. */

import { proxyActivities } from '@temporalio/workflow';
import { toPart, uploadAndWaitActive, type FilePart } from 'temporal-gemini-files/workflow';

interface Activities {
  describe(part: FilePart): Promise<string>;
}

const { describe } = proxyActivities<Activities>({ startToCloseTimeout: '1m' });

export async function describeVideo(path: string): Promise<{ polls: number; text: string }> {
  const file = await uploadAndWaitActive({ path, timeout: '90s', pollInterval: '1s', jitter: 0 });
  return { polls: file.polls, text: await describe(toPart(file)) };
}
