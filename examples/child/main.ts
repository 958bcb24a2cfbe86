/** The worker and the start of `uploadInChild`. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
import type { World } from '../world.js';
import type { uploadInChild } from './workflows.js';

const taskQueue = 'example-child';

export async function main({ client, connection, gemini }: World, path: string): Promise<string> {
  const worker = await Worker.create({
    connection,
    namespace: client.options.namespace,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
    plugins: [new GeminiFilesPlugin(gemini)],
  });
  const workflowId = `parent-${randomUUID()}`;
  return worker.runUntil(
    client.workflow.execute<typeof uploadInChild>('uploadInChild', { taskQueue, workflowId, args: [path] }),
  );
}
