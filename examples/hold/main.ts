/** The worker and the start of `askOverAWeek`. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
import { generateActivities } from '../generate/activities.js';
import { environmentKey } from '../key.js';
import type { World } from '../world.js';
import type { askOverAWeek } from './workflows.js';

const taskQueue = 'example-hold';
const questions = ['What happens?', 'Who speaks?', 'What is it about?'];

/** @param pauseMs - between two questions */
export async function main(
  { client, connection, gemini }: World,
  path: string,
  pauseMs = '1000',
): Promise<string[]> {
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
    plugins: [new GeminiFilesPlugin(gemini)],
  });
  const start = () =>
    client.workflow.execute<typeof askOverAWeek>('askOverAWeek', {
      taskQueue,
      workflowId: `ask-${randomUUID()}`,
      args: [path, questions, Number(pauseMs)],
    });
  return worker.runUntil(async () => {
    // Two at once, with one upload.
    const [answers = []] = await Promise.all([start(), start()]);
    return answers;
  });
}
