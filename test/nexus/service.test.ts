/** The Nexus service between two namespaces of a dev server. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { geminiFilesNexusHandler } from '../../src/nexus/handler.js';
import { GeminiFilesEmulator, type EmulatorOptions } from '../../src/testing/index.js';
import { createGeminiFilesWorker } from '../../src/worker/index.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { replayed, scheduled } from '../support/replay.js';
import { devServer } from '../support/temporal.js';
import type { callsUpload, seesFailure } from './callers.js';

const CALLERS = 'callers';
let env: TestWorkflowEnvironment;
let folder: TestFolder;
let workflowBundle: WorkflowBundle;
let callers: Client;

beforeAll(async () => {
  env = await devServer();
  folder = await testFolder();
  await folder.file('clip.mp4', 1000);
  await env.connection.workflowService.registerNamespace({
    namespace: CALLERS,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  callers = new Client({ connection: env.connection, namespace: CALLERS });
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('callers.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
});
afterAll(async () => {
  await env.teardown();
  await folder[Symbol.asyncDispose]();
});

/** Runs `work` while a worker serves the operation in one namespace and another calls it in the other. */
async function between<T>(
  options: EmulatorOptions,
  work: (world: { endpoint: string; taskQueue: string; emulator: GeminiFilesEmulator }) => Promise<T>,
): Promise<T> {
  const emulator = await GeminiFilesEmulator.start(options);
  const taskQueue = `nexus-${randomUUID()}`;
  const serving = await createGeminiFilesWorker({
    baseUrl: emulator.url,
    apiKey: 'test-key',
    allowedRoots: [folder.path],
    connection: env.nativeConnection,
    taskQueue,
    nexusServices: [geminiFilesNexusHandler()],
  });
  // No plugin, no key, no activities: the service's worker has them.
  const calling = await Worker.create({
    connection: env.nativeConnection,
    namespace: CALLERS,
    taskQueue,
    workflowBundle,
  });
  await env.createNexusEndpoint(taskQueue, taskQueue);
  try {
    return await serving.runUntil(calling.runUntil(() => work({ endpoint: taskQueue, taskQueue, emulator })));
  } finally {
    await emulator.close();
  }
}

/** The run behind the one operation of the caller. */
async function runBehind(workflowId: string): Promise<string> {
  const { events } = await callers.workflow.getHandle(workflowId).fetchHistory();
  const requestId = events?.find(({ nexusOperationScheduledEventAttributes: one }) => one)
    ?.nexusOperationScheduledEventAttributes?.requestId;
  return `gemini-files-nexus-${requestId}`;
}

describe('geminiFiles', () => {
  it('uploads for a caller in another namespace, as one run of the workflow', async () => {
    await between({ processing: '500ms' }, async ({ endpoint, taskQueue, emulator }) => {
      const workflowId = randomUUID();
      const input = { path: 'clip.mp4', pollInterval: '1s', jitter: 0 } as const;
      const result = await callers.workflow.execute<typeof callsUpload>('callsUpload', {
        taskQueue,
        workflowId,
        args: [endpoint, input],
      });
      const [file] = emulator.files.values();
      expect(result).toMatchObject({ id: file?.name, uri: file?.uri, state: 'ACTIVE', polls: 1 });
      const events = await replayed(env.client, await runBehind(workflowId));
      expect(scheduled(events)).toEqual(['geminiFilesUpload', 'geminiFilesCheck']);
      await replayed(callers, workflowId, undefined, { workflowBundle });
    });
  });

  it("tells the caller's workflow of a failure by the type and details of the contract", async () => {
    await between({}, async ({ endpoint, taskQueue }) => {
      const seen = await callers.workflow.execute<typeof seesFailure>('seesFailure', {
        taskQueue,
        workflowId: randomUUID(),
        args: [endpoint, { path: 'nothing.mp4' }],
      });
      expect(seen).toEqual(['FileNotFoundError', [{ provider: 'google', polls: 0 }]]);
    });
  });

  it("is cancelled with the caller's workflow, and deletes the file before it ends", async () => {
    await between({ outcome: 'NEVER' }, async ({ endpoint, taskQueue, emulator }) => {
      const workflowId = randomUUID();
      const handle = await callers.workflow.start<typeof callsUpload>('callsUpload', {
        taskQueue,
        workflowId,
        args: [endpoint, { path: 'clip.mp4', pollInterval: '100ms', timeout: '1h' }],
      });
      await emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'get'));
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
      expect(emulator.files.size).toBe(0);
      const behind = env.client.workflow.getHandle(await runBehind(workflowId));
      expect((await behind.describe()).status.name).toBe('CANCELLED');
    });
  });
});
