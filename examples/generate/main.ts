/** The worker and the start of `describeVideo`. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
import { environmentKey } from '../key.js';
import type { World } from '../world.js';
import { generateActivities } from './activities.js';
import type { describeVideo } from './workflows.js';

const taskQueue = 'example-generate';

export async function main({ client, connection, gemini }: World, path: string): Promise<string> {
  const { apiKey = environmentKey(), baseUrl } = gemini;
  const worker = await Worker.create({
    connection,
    namespace: client.options.namespace,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
    activities: generateActivities({
      ...(typeof apiKey === 'string' && { apiKey }),
      ...(baseUrl !== undefined && { httpOptions: { baseUrl } }),
    }),
    // Adds the activities that upload, check and delete, beside yours.
    plugins: [new GeminiFilesPlugin(gemini)],
  });
  const workflowId = `describe-${randomUUID()}`;
  return worker.runUntil(
    client.workflow.execute<typeof describeVideo>('describeVideo', { taskQueue, workflowId, args: [path] }),
  );
}
