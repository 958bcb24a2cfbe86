/** Uploads all files of a folder, so many at a time; all of them or none. */

import { proxyActivities } from '@temporalio/workflow';
import { uploadAllAndWaitActive } from 'temporal-gemini-files/workflow';
import type * as activities from './activities.js';

const { listFolder } = proxyActivities<typeof activities>({ startToCloseTimeout: '1m' });

export async function uploadFolder(folder: string): Promise<string[]> {
  const paths = await listFolder(folder);
  // Results are in the order of the paths. Where one fails, the others are cancelled and every file is deleted.
  const files = await uploadAllAndWaitActive(
    paths.map((path) => ({ path, timeout: '5m' })),
    { concurrency: 4 },
  );
  return files.map(({ uri }) => uri);
}
