/** The package recognises its workflow by the function: a user's workflow can have the same name. */

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { WorkflowBundle } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import type { ActiveFile, GeminiFilesActivities, UploadStatus } from '../../src/client/index.js';
import { replayHistories } from '../../src/testing/index.js';
import { replayed, runsOf } from '../support/replay.js';
import { MODES } from '../support/scenario.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useDevServer } from '../support/temporal.js';
import { bundleEmbedding, bundleFixture, fixturePath } from '../support/user-worker.js';

const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 15 });
const [namesake, embedding] = await Promise.all([bundleFixture('namesake.ts'), bundleEmbedding()]);

const CHECKS = 4;

/** The `CHECKS`th check of a file finds it ACTIVE: a run that uploads again begins to count anew. */
function activities(): Partial<GeminiFilesActivities> {
  const checks = new Map<string, number>();
  return {
    geminiFilesCheck: ({ name }) => {
      const count = (checks.get(name) ?? 0) + 1;
      checks.set(name, count);
      const state = count < CHECKS ? 'PROCESSING' : 'ACTIVE';
      return Promise.resolve({ found: true, file: stubFile(name, { state }) });
    },
  };
}

const input = { path: 'clip.mp4', pollInterval: '100ms', maxPollInterval: '100ms', jitter: 0 } as const;

describe.concurrent.each(MODES)('%s', (_, mode) => {
  /** Runs the workflow; each of its runs is replayed. */
  async function runToEnd(type: string, workflowBundle: WorkflowBundle) {
    const { worker, taskQueue, calls } = await stubWorker(env, activities(), { workflowBundle, ...mode });
    const workflowId = randomUUID();
    return worker.runUntil(async () => {
      const result = await env.client.workflow.execute<(input: unknown) => Promise<ActiveFile>>(type, {
        taskQueue,
        workflowId,
        args: [input],
        workflowExecutionTimeout: '20s',
      });
      const runs = await runsOf(env.client, workflowId);
      for (const run of runs) await replayed(env.client, workflowId, run, { workflowBundle });
      const status = () => env.client.workflow.getHandle(workflowId).query<UploadStatus>('uploadStatus');
      return { result, runs, status, ...calls };
    });
  }

  it("uploads once in a user's workflow of the same name, whose history is the user's", async () => {
    const { result, runs, uploads } = await runToEnd('uploadAndWaitActive', namesake);
    expect(result).toMatchObject({ id: uploads[0], polls: CHECKS });
    expect(uploads).toHaveLength(1);
    expect(runs).toHaveLength(1);
  });

  it.each(['uploadAndWaitActive', 'renamed'])(
    'continues the own entry as new: exported as %s',
    async (type) => {
      const { result, runs, uploads, deletes } = await runToEnd(type, embedding);
      expect(result).toMatchObject({ id: uploads[0], polls: CHECKS });
      expect(uploads).toHaveLength(1);
      expect(deletes).toEqual([]);
      expect(runs.length).toBeGreaterThanOrEqual(2);
    },
  );
});

it.concurrent("leaves the query to a user's workflow of the same name", async () => {
  const { worker, taskQueue } = await stubWorker(env, activities(), { workflowBundle: namesake });
  await worker.runUntil(async () => {
    const handle = await env.client.workflow.start('uploadAndWaitActive', {
      taskQueue,
      workflowId: randomUUID(),
      args: [input],
    });
    await handle.result();
    await expect(handle.query('uploadStatus')).rejects.toThrow(/did not register a handler for uploadStatus/);
  });
});

it.concurrent('replays a run of 0.1.0 under another name, which did not continue as new', async () => {
  const history = fixturePath('histories/renamed-entry.json');
  const { events } = JSON.parse(await readFile(history, 'utf8')) as { events: unknown[] };
  expect(events.length).toBeGreaterThan(30);
  const { replayed } = await replayHistories(history, { workflowsPath: fixturePath('embedding.ts') });
  expect(replayed).toEqual([history]);
});
