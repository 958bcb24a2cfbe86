/** Two namespaces of a dev server: one whose worker serves the operation, and one that calls it. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterAll } from 'vitest';
import { geminiFilesNexusHandler } from '../../src/nexus/handler.js';
import { GeminiFilesEmulator, type EmulatorOptions } from '../../src/testing/index.js';
import { testFolder } from '../support/files.js';
import { devServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';
import { eventually } from '../support/eventually.js';

const NAMESPACE = 'callers';

export interface Call {
  readonly endpoint: string;
  /** The task queue of both workers, each in its namespace. */
  readonly taskQueue: string;
  readonly emulator: GeminiFilesEmulator;
  /** Task queue of the runs behind the operations, without a worker; only with `apart`. */
  readonly runQueue: string;
  /** Runs `work` while a worker takes the tasks of `runQueue`. */
  readonly withRunWorker: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface NexusWorldOptions {
  /** Whether the runs have a task queue of their own, without a worker. */
  readonly apart?: boolean;
}

/** For all tests of a file, which ends it. */
export async function useNexusWorld() {
  const [env, folder, workflowBundle] = await Promise.all([
    devServer(),
    testFolder(),
    bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('callers.ts', import.meta.url)),
      logger: new DefaultLogger('WARN'),
    }),
  ]);
  afterAll(async () => {
    await env.teardown();
    await folder[Symbol.asyncDispose]();
  });
  await folder.file('clip.mp4', 1000);
  await env.connection.workflowService.registerNamespace({
    namespace: NAMESPACE,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const callers = new Client({ connection: env.connection, namespace: NAMESPACE });

  /** Runs `work` while a worker serves the operation in one namespace and another calls it in the other. */
  async function between<T>(
    emulated: EmulatorOptions,
    work: (call: Call) => Promise<T>,
    { apart = false }: NexusWorldOptions = {},
  ): Promise<T> {
    await using emulator = await GeminiFilesEmulator.start(emulated);
    const taskQueue = `nexus-${randomUUID()}`;
    const runQueue = `${taskQueue}-runs`;
    const options = { baseUrl: emulator.url, allowedRoots: [folder.path] };
    const serving = await testWorker(env, {
      ...options,
      taskQueue,
      nexusServices: [geminiFilesNexusHandler(apart ? { taskQueue: runQueue } : {})],
    });
    // No plugin, no key, no activities: the service's worker has them.
    const calling = await testWorker(env, {
      namespace: NAMESPACE,
      taskQueue,
      workflowBundle,
      activities: {},
    });
    await env.createNexusEndpoint(taskQueue, taskQueue);
    const withRunWorker: Call['withRunWorker'] = async (inner) =>
      (await testWorker(env, { ...options, taskQueue: runQueue })).run(inner);
    const call = { endpoint: taskQueue, taskQueue, emulator, runQueue, withRunWorker };
    return await serving.run(() => calling.run(() => work(call)));
  }

  /** Id of the run behind the one operation of the caller. */
  async function runBehind(workflowId: string): Promise<string> {
    const { events } = await callers.workflow.getHandle(workflowId).fetchHistory();
    const requestId = events?.find(({ nexusOperationScheduledEventAttributes: one }) => one)
      ?.nexusOperationScheduledEventAttributes?.requestId;
    return `gemini-files-nexus-${requestId}`;
  }

  /** The run behind the one operation of the caller, once it has begun. */
  async function startedRun(workflowId: string): Promise<WorkflowHandle> {
    return eventually(async () => {
      const handle = env.client.workflow.getHandle(await runBehind(workflowId));
      await handle.describe();
      return handle;
    });
  }

  return { env, callers, workflowBundle, between, runBehind, startedRun };
}
