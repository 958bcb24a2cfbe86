/** A worker of this package on a queue of its own. */

import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker } from '@temporalio/worker';
import { GeminiFilesClient } from '../../src/client/index.js';
import { createGeminiFilesWorker, type GeminiFilesWorkerOptions } from '../../src/worker/index.js';

export interface TestWorker {
  readonly worker: Worker;
  readonly taskQueue: string;
  readonly client: GeminiFilesClient;
  /** Runs `work` while the worker runs. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
}

export async function testWorker(
  env: TestWorkflowEnvironment,
  options: GeminiFilesWorkerOptions & { readonly baseUrl: string },
): Promise<TestWorker> {
  const taskQueue = options.taskQueue ?? `test-${randomUUID()}`;
  const worker = await createGeminiFilesWorker({
    apiKey: 'test-key',
    connection: env.nativeConnection,
    ...(env.namespace !== undefined && { namespace: env.namespace }),
    stickyQueueScheduleToStartTimeout: '1s',
    ...options,
    taskQueue,
  });
  const client = new GeminiFilesClient(env.client, { taskQueue });
  return { worker, taskQueue, client, run: (work) => worker.runUntil(work) };
}
