/** A caller in another namespace, another team's say: it needs the endpoint's name, and no key and no worker of ours. */

import { createNexusServiceClient } from '@temporalio/workflow';
import { geminiFilesService } from 'temporal-gemini-files/nexus';

export async function uploadByNexus(endpoint: string, path: string): Promise<string> {
  const gemini = createNexusServiceClient({ service: geminiFilesService, endpoint });
  const file = await gemini.executeOperation(
    'uploadAndWaitActive',
    { path, timeout: '90s' },
    // If this time is up, the run behind the operation deletes its file. Without it, the run does not learn of that.
    { scheduleToCloseTimeout: '10m' },
  );
  return file.uri;
}
