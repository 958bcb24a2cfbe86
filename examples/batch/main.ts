/** The worker and the start of `uploadFolder`. */

import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
import type { World } from '../world.js';
import * as activities from './activities.js';
import type { uploadFolder } from './workflows.js';

const taskQueue = 'example-batch';

export async function main({ client, connection, gemini }: World, path: string): Promise<string[]> {
  // Relative paths would start from the worker's first allowed root.
  const folder = resolve(path);
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
