/** The worker and the start of `askByAiSdk`. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { DEFAULT_BASE_URL } from 'temporal-gemini-files/gemini';
import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
import { environmentKey } from '../key.js';
import type { World } from '../world.js';
import { askActivities } from './activities.js';
import type { askByAiSdk } from './workflows.js';

const taskQueue = 'example-ai-sdk';

export async function main({ client, connection, gemini }: World, path: string): Promise<string> {
  const { apiKey = environmentKey(), baseUrl = DEFAULT_BASE_URL } = gemini;
  const worker = await Worker.create({
    connection,
    namespace: client.options.namespace,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
    activities: askActivities(typeof apiKey === 'string' ? apiKey : '', baseUrl),
    plugins: [new GeminiFilesPlugin(gemini)],
  });
  const workflowId = `ask-${randomUUID()}`;
  return worker.runUntil(
    client.workflow.execute<typeof askByAiSdk>('askByAiSdk', { taskQueue, workflowId, args: [path] }),
  );
}
