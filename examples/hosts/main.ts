/**
 * Files that lie on one host's disk are uploaded on that host: each host runs a worker on a task queue of its own, and
 * the input's `taskQueue` names it. The workflow runs anywhere, and its check and delete go to the same host.
 */

import { Worker } from '@temporalio/worker';
import { GeminiFilesClient, type ActiveFile } from 'temporal-gemini-files';
import { createGeminiFilesWorker, GeminiFilesPlugin } from 'temporal-gemini-files/worker';
import type { World } from '../world.js';

/** Uploads `name` twice: as it is in the folder of host a, and in that of host b. */
export async function main(
  { client, connection, gemini }: World,
  folderA: string,
  folderB: string,
  name: string,
): Promise<ActiveFile[]> {
  const { namespace } = client.options;
  // On each host: activities alone. In a shell: npx temporal-gemini-files worker --host-queue host-a --allow-root FOLDER
  const host = (taskQueue: string, folder: string) =>
    Worker.create({
      connection,
      namespace,
      taskQueue,
      plugins: [new GeminiFilesPlugin({ ...gemini, allowedRoots: [folder] })],
    });
  const hostA = await host('host-a', folderA);
  const hostB = await host('host-b', folderB);
  // Anywhere: the workflows.
  const workflows = await createGeminiFilesWorker({ ...gemini, connection, namespace });

  const files = new GeminiFilesClient(client);
  const upload = (taskQueue: string) => files.uploadAndWaitActive(name, { taskQueue });
  return hostA.runUntil(
    hostB.runUntil(workflows.runUntil(() => Promise.all([upload('host-a'), upload('host-b')]))),
  );
}
