/** The workers that tests start in their own process, each on a task queue of its own. A worker that is killed: worker-process.ts. */

import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { GeminiFilesClient } from '../../src/client/index.js';
import {
  createGeminiFilesWorker,
  GeminiFilesPlugin,
  packagedWorkflows,
  type GeminiFilesWorkerOptions,
} from '../../src/worker/index.js';

export interface TestWorker {
  readonly worker: Worker;
  readonly taskQueue: string;
  readonly client: GeminiFilesClient;
  /** Runs `work` while the worker runs. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface TestWorkerOptions extends GeminiFilesWorkerOptions {
  /** Workflows of a user, whose worker has the package's activities by its plugin. */
  readonly workflowBundle?: NonNullable<WorkerOptions['workflowBundle']>;
  /** Activities in place of the package's, without its plugin. */
  readonly activities?: object;
}

/** A worker of the package; with `workflowBundle` or `activities`, one of a user. */
export async function testWorker(
  env: TestWorkflowEnvironment,
  options: TestWorkerOptions,
): Promise<TestWorker> {
  const taskQueue = options.taskQueue ?? `test-${randomUUID()}`;
  const common = {
    connection: env.nativeConnection,
    ...(env.namespace !== undefined && { namespace: env.namespace }),
    ...options,
    taskQueue,
  } as const;
  const worker = await (options.workflowBundle || options.activities
    ? usersWorker(common)
    : createGeminiFilesWorker({ apiKey: 'test-key', stickyQueueScheduleToStartTimeout: '1s', ...common }));
  const client = new GeminiFilesClient(env.client, { taskQueue });
  return { worker, taskQueue, client, run: (work) => worker.runUntil(work) };
}

function usersWorker(options: TestWorkerOptions & { readonly taskQueue: string }): Promise<Worker> {
  const { apiKey = 'test-key', baseUrl, allowedRoots, sources, ...workerOptions } = options;
  const plugin = () =>
    new GeminiFilesPlugin({
      apiKey,
      ...(baseUrl && { baseUrl }),
      ...(allowedRoots && { allowedRoots }),
      ...(sources && { sources }),
    });
  return Worker.create({
    ...(!options.workflowBundle && packagedWorkflows()),
    ...(!options.activities && { plugins: [plugin()] }),
    ...workerOptions,
  });
}
