/** A fault of a user's code fails the workflow task, and the file is still there in the next attempt. */

import { randomUUID } from 'node:crypto';
import type { WorkerOptions, WorkflowBundle } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import type { GeminiFilesActivities } from '../../src/client/index.js';
import { replayHistories } from '../../src/testing/index.js';
import { replayed, scheduled } from '../support/replay.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useDevServer } from '../support/temporal.js';
import { bundleFixture, fixturePath } from '../support/user-worker.js';
import { eventually } from '../support/eventually.js';

// Low, so that a callback is called after two checks.
const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 15 });
const [faulty, mended] = await Promise.all([bundleFixture('faulty.ts'), bundleFixture('faulty-mended.ts')]);

const input = { path: 'clip.mp4', pollInterval: '100ms', maxPollInterval: '100ms', jitter: 0 } as const;

/** A file is ACTIVE after its fourth check. */
function stubs(workflowBundle: WorkflowBundle, options: Partial<WorkerOptions> = {}) {
  let checks = 0;
  const activities: Partial<GeminiFilesActivities> = {
    geminiFilesCheck: ({ name }) => {
      checks += 1;
      return Promise.resolve({
        found: true,
        file: stubFile(name, { state: checks < 4 ? 'PROCESSING' : 'ACTIVE' }),
      });
    },
  };
  return stubWorker(env, activities, { workflowBundle, ...options });
}

const start = (type: string, taskQueue: string) =>
  env.client.workflow.start<(input: unknown) => Promise<string>>(type, {
    taskQueue,
    workflowId: randomUUID(),
    args: [input],
    workflowExecutionTimeout: '60s',
  });

type Handle = Awaited<ReturnType<typeof start>>;

/** The failure of the workflow task. The event is written once, however often the task is repeated. */
async function taskFailure(handle: Handle): Promise<string | null | undefined> {
  return eventually(async () => {
    const { events } = await handle.fetchHistory();
    const failed = events?.find((event) => event.workflowTaskFailedEventAttributes);
    expect(failed).toBeDefined();
    return failed?.workflowTaskFailedEventAttributes?.failure?.message;
  });
}

describe.concurrent.each([
  ['inBlock', ['geminiFilesDelete']],
  ['inGuardedBlock', ['geminiFilesDelete']],
  ['inGuardedCallback', []],
])('%s', (type, cleanup) => {
  it('keeps the file while the task is repeated, and continues with it once the code is right', async () => {
    const before = await stubs(faulty);
    const handle = await start(type, before.taskQueue);
    await before.worker.runUntil(async () => {
      expect(await taskFailure(handle)).toBe('a fault of the code');
    });
    const [id] = before.calls.uploads;
    expect(before.calls).toMatchObject({ uploads: [id], deletes: [] });

    const after = await stubs(mended, { taskQueue: before.taskQueue });
    expect(await after.worker.runUntil(() => handle.result())).toBe(id);
    expect(after.calls).toMatchObject({ uploads: [], deletes: cleanup.map(() => id) });
    const events = await replayed(env.client, handle.workflowId, undefined, { workflowBundle: mended });
    expect(scheduled(events).filter((name) => name !== 'geminiFilesCheck')).toEqual([
      'geminiFilesUpload',
      ...cleanup,
    ]);
  });
});

describe('an error that the user has configured to fail the workflow', () => {
  it.each([
    ['by the worker', 'inBlock', { workflowFailureErrorTypes: { '*': ['Fault'] } }],
    [
      'by the worker, as a class above it',
      'inBlock',
      { workflowFailureErrorTypes: { '*': [], inBlock: ['RangeError'] } },
    ],
    ['by the workflow', 'declared', {}],
  ])('ends the block: %s', async (_, type, options) => {
    const { worker, taskQueue, calls } = await stubs(faulty, options);
    const handle = await start(type, taskQueue);
    await worker.runUntil(() =>
      expect(handle.result()).rejects.toMatchObject({ cause: { message: 'a fault of the code' } }),
    );
    expect(calls.deletes).toEqual(calls.uploads);
    expect(calls.uploads).toHaveLength(1);
  });

  it("ends an inline wait with the contract's failure", async () => {
    const { worker, taskQueue, calls } = await stubs(faulty, {
      workflowFailureErrorTypes: { '*': ['Fault'] },
    });
    const handle = await start('inGuardedCallback', taskQueue);
    expect(await worker.runUntil(() => handle.result())).toBe(
      'caught ApplicationFailure: Unexpected: a fault of the code',
    );
    expect(calls.deletes).toEqual(calls.uploads);
  });
});

it('replays a run of 0.1.0 that got over such an error, and deleted the file', async () => {
  const history = fixturePath('histories/caught-fault.json');
  const { replayed } = await replayHistories(history, { workflowsPath: fixturePath('embedding.ts') });
  expect(replayed).toEqual([history]);
});
