/** Callers of the operation that give up before the file is ACTIVE. */

import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { expect, it } from 'vitest';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import type { ActiveFile, UploadOptions } from '../../src/nexus/index.js';
import type { callsUpload, Patience, returnsAtOnce } from './callers.js';
import { useNexusWorld, type Call } from './world.js';
import { eventually } from '../support/eventually.js';

const { env, callers, between, startedRun } = await useNexusWorld();

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
    const ids = lost.map(({ workflowId }) => workflowId).sort();
    await expect.poll(runsWithoutTaker, { interval: 200 }).toEqual(ids);
  });
});

async function runsWithoutTaker(): Promise<string[]> {
  const ids = [];
  const query = "WorkflowId STARTS_WITH 'gemini-files-nexus-' AND ExecutionStatus = 'Completed'";
  for await (const { workflowId } of env.client.workflow.list({ query })) {
    const { raw } = await env.client.workflow.getHandle(workflowId).describe();
    if (raw.callbacks?.every(({ state }) => Number(state) === CALLBACK_FAILED)) ids.push(workflowId);
  }
  return ids.sort();
}
