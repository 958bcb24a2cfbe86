/** Callers of the operation that give up before the file is ACTIVE. */

import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { expect, it, vi } from 'vitest';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import { WORKFLOW } from '../../src/contract/names.js';
import type { ActiveFile, UploadOptions } from '../../src/nexus/index.js';
import type { callsHoldOnce, callsUpload, callsWait, Patience, returnsAtOnce } from './callers.js';
import { useNexusWorld, type Call } from './world.js';
import { blockAt, load, writeModule } from '../docs/modules.js';
import { eventually } from '../support/eventually.js';
import { useTestFolder } from '../support/files.js';

const { env, callers, between, startedRun } = await useNexusWorld();

const FIND = 'findFilesWithoutOwner';
const pageFolder = await useTestFolder();
const page = (await load(
  writeModule(FIND, blockAt(['docs/nexus.md', FIND]).text, pageFolder.path),
)) as Record<typeof FIND, (client: Client) => Promise<void>>;

const INPUT: UploadOptions = {
  path: 'clip.mp4',
  pollInterval: '200ms',
  maxPollInterval: '200ms',
  jitter: 0,
  timeout: '1h',
};
const HOURLY: UploadOptions = { ...INPUT, pollInterval: '1h', maxPollInterval: '1h', timeout: '2h' };

interface Caller {
  readonly workflow: WorkflowHandle<typeof callsUpload>;
  /** The run behind its operation. */
  readonly run: WorkflowHandle;
}

async function call(
  { endpoint, taskQueue }: Call,
  patience: Patience,
  input: UploadOptions = INPUT,
  workflowRunTimeout: '5s' | '1h' = '1h',
): Promise<Caller> {
  const workflow = await callers.workflow.start<typeof callsUpload>('callsUpload', {
    taskQueue,
    workflowId: randomUUID(),
    workflowRunTimeout,
    args: [endpoint, input, patience],
  });
  return { workflow, run: await startedRun(workflow.workflowId) };
}

/** The failure of the run. */
async function failureOf(run: WorkflowHandle): Promise<unknown> {
  const error: unknown = await run.result().catch((reason: unknown) => reason);
  return fromWorkflowFailure(error);
}

/** Temporal's `CALLBACK_STATE_FAILED`. */
const CALLBACK_FAILED: number = 4;

const INACTIVE = { name: 'UploadInactiveError', cleanup: 'deleted' };

it('an operation that times out before the file is ACTIVE leaves no file', async () => {
  await between({ processing: '6s' }, async (world) => {
    const { workflow, run } = await call(world, { scheduleToCloseTimeout: '5s' });
    expect(await failureOf(run)).toMatchObject({ ...INACTIVE, state: 'PROCESSING' });
    expect(world.emulator.files.size).toBe(0);
    await expect(workflow.result()).rejects.toThrow();
  });
});

it('a caller that runs into its own timeout leaves no file', async () => {
  await between({ processing: '6s' }, async (world) => {
    const { workflow, run } = await call(world, {}, INPUT, '5s');
    expect(await failureOf(run)).toMatchObject(INACTIVE);
    expect(world.emulator.files.size).toBe(0);
    await expect(workflow.result()).rejects.toThrow();
  });
});

it('an operation that times out during the upload ends the upload, and leaves no file', async () => {
  await between({ faults: [{ on: 'start', do: 'stall', times: 'always' }] }, async (world) => {
    const { run } = await call(world, { scheduleToCloseTimeout: '5s' });
    expect(await failureOf(run)).toMatchObject({ name: 'UploadFailedError', cleanup: 'deleted' });
    expect(world.emulator.files.size).toBe(0);
    expect(world.emulator.requests.some(({ operation }) => operation === 'start')).toBe(true);
  });
});

it('nothing is sent if the first worker comes after the caller has given up', async () => {
  await between(
    {},
    async (world) => {
      const { workflow, run } = await call(world, { scheduleToCloseTimeout: '3s' });
      await expect(workflow.result()).rejects.toThrow();
      const failure = await world.withRunWorker(() => failureOf(run));
      expect(failure).toMatchObject({
        name: 'UploadFailedError',
        message: 'The upload of clip.mp4 did not begin: the time of the run (endWithin) was over',
      });
      expect(world.emulator.requests).toEqual([]);
    },
    { apart: true },
  );
});

async function uploadIsRecorded(run: Pick<WorkflowHandle, 'fetchHistory'>): Promise<void> {
  await eventually(async () => {
    const { events } = await run.fetchHistory();
    expect(events?.some((event) => event.activityTaskCompletedEventAttributes)).toBe(true);
  });
}

it('a file that became ACTIVE in time, but was found after the caller has given up, is deleted', async () => {
  await between(
    { outcome: 'NEVER' },
    async (world) => {
      const { emulator } = world;
      const { workflow, run } = await call(world, { scheduleToCloseTimeout: '12s' }, HOURLY);
      // The worker may stop only when Temporal has the result of the upload.
      await world.withRunWorker(() => uploadIsRecorded(run));
      emulator.activate([...emulator.files.keys()][0] ?? '');
      await expect(workflow.result()).rejects.toThrow();
      const failure = await world.withRunWorker(() => failureOf(run));
      expect(failure).toMatchObject({ ...INACTIVE, state: 'ACTIVE' });
      expect(emulator.files.size).toBe(0);
    },
    { apart: true },
  );
});

it('a caller that is terminated leaves no file if its operation has a timeout, and that is over first', async () => {
  await between({ processing: '6s' }, async (world) => {
    const { workflow, run } = await call(world, { scheduleToCloseTimeout: '5s' });
    await workflow.terminate();
    expect(await failureOf(run)).toMatchObject(INACTIVE);
    expect(world.emulator.files.size).toBe(0);
  });
});

// What docs/nexus.md says of them: the file stays, and the state of the callback shows that it was not taken.
it('a caller that is terminated, or returns, without a timeout: its file stays, and can be found', async () => {
  await between({ processing: '1s' }, async (world) => {
    const { endpoint, taskQueue, emulator } = world;
    const terminated = await call(world, {});
    await terminated.workflow.terminate();
    const returned = await callers.workflow.start<typeof returnsAtOnce>('returnsAtOnce', {
      taskQueue,
      workflowId: randomUUID(),
      args: [endpoint, INPUT],
    });
    await returned.result();
    const served = await call(world, {});
    await served.workflow.result();
    const lost = [terminated.run, await startedRun(returned.workflowId)];
    const files = await Promise.all(lost.map((run) => run.result() as Promise<ActiveFile>));
    for (const { id } of files) expect(emulator.files.get(id)?.state).toBe('ACTIVE');
    await expect.poll(filesWithoutOwner, { interval: 200 }).toEqual(idsOf(files));
  });
});

it('what belongs to others is not found: the file of a wait, that of a hold, and that of a run without a caller', async () => {
  await between({ processing: '1s' }, async ({ endpoint, taskQueue, emulator }) => {
    const before = await filesWithoutOwner();
    const id = emulator.addFile({ content: 'clip', mimeType: 'video/mp4', apiKey: 'test-key' });
    const started = [
      await callers.workflow.start<typeof callsWait>('callsWait', {
        ...{ taskQueue, workflowId: randomUUID() },
        args: [endpoint, { id }],
      }),
      await callers.workflow.start<typeof callsHoldOnce>('callsHoldOnce', {
        ...{ taskQueue, workflowId: randomUUID() },
        args: [endpoint, { path: 'clip.mp4', for: '1h', holdId: taskQueue }],
      }),
    ];
    const runs = await Promise.all(started.map(({ workflowId }) => startedRun(workflowId)));
    await Promise.all(started.map((caller) => caller.terminate()));
    const own = await env.client.workflow.start(WORKFLOW.uploadAndWaitActive, {
      ...{ taskQueue, workflowId: `gemini-files-nexus-${randomUUID()}` },
      args: [INPUT],
    });
    await Promise.all([...runs, own].map((run) => run.result()));
    for (const run of runs)
      await expect.poll(() => callbacksOf(run), { interval: 200 }).toEqual([CALLBACK_FAILED]);
    // A list comes later than what it lists.
    await expect
      .poll(completedRuns, { interval: 200 })
      .toEqual(expect.arrayContaining(idsOf([...runs, own])));
    expect(await filesWithoutOwner()).toEqual(before);
    await env.client.workflow.getHandle(taskQueue).cancel();
  });
});

const idsOf = (all: readonly { id?: string; workflowId?: string }[]) =>
  all.map(({ id, workflowId }) => id ?? workflowId).sort();

async function callbacksOf(run: WorkflowHandle): Promise<number[] | undefined> {
  const { raw } = await run.describe();
  return raw.callbacks?.map(({ state }) => Number(state));
}

async function completedRuns(): Promise<string[]> {
  const ids = [];
  const query = "WorkflowId STARTS_WITH 'gemini-files-nexus-' AND ExecutionStatus = 'Completed'";
  for await (const { workflowId } of env.client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

/** The ids of the files that the page's own program prints. */
async function filesWithoutOwner(): Promise<string[]> {
  const printed = vi.spyOn(console, 'log').mockReturnValue(undefined);
  try {
    await page.findFilesWithoutOwner(env.client);
    return printed.mock.calls.map(([file]) => (file as ActiveFile).id).sort();
  } finally {
    printed.mockRestore();
  }
}
