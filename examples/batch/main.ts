/** The worker and the start of `uploadFolder`. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
import type { World } from '../world.js';
import * as activities from './activities.js';
import type { uploadFolder } from './workflows.js';

const taskQueue = 'example-batch';

export async function main({ client, connection, gemini }: World, folder: string): Promise<string[]> {
  const worker = await Worker.create({
    connection,
    namespace: client.options.namespace,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
    activities,
    plugins: [new GeminiFilesPlugin({ allowedRoots: [folder], ...gemini })],
  });
  const workflowId = `folder-${randomUUID()}`;
  return worker.runUntil(
    client.workflow.execute<typeof uploadFolder>('uploadFolder', { taskQueue, workflowId, args: [folder] }),
  );
}
