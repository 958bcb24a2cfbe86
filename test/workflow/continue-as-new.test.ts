/** A wait whose history the server calls long: it suggests to continue as new early here. */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  GeminiFilesClient,
  type ActiveFile,
  type UploadProgress,
  type UploadStatus,
} from '../../src/client/index.js';
import { replayed, runsOf, scheduled, timers } from '../support/replay.js';
import { asleep, MODES, QUICK } from '../support/scenario.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useDevServer } from '../support/temporal.js';
import { bundleEmbedding } from '../support/user-worker.js';

const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 30 });

const CHECKS = 8;

it.each(MODES)('continues in new runs: same file, same deadline, queries in each, %s', async (_, mode) => {
  let checks = 0;
  const { worker, taskQueue, calls } = await stubWorker(
    env,
    {
      geminiFilesCheck: ({ name }) => {
        checks += 1;
        return Promise.resolve({
          found: true,
          file: stubFile(name, { state: checks < CHECKS ? 'PROCESSING' : 'ACTIVE' }),
        });
      },
    },
    mode,
  );
  const workflowId = randomUUID();
  const input = {
    path: 'clip.mp4',
    timeout: '1h',
    pollInterval: '100ms',
    maxPollInterval: '100ms',
    jitter: 0,
  };
  await worker.runUntil(async () => {
    const handle = await env.client.workflow.start<(input: unknown) => Promise<ActiveFile>>(
      'uploadAndWaitActive',
      { taskQueue, workflowId, args: [input] },
    );
    expect(await handle.result()).toMatchObject({ id: calls.uploads[0], state: 'ACTIVE', polls: CHECKS });

    const runs = await runsOf(env.client, workflowId);
    expect(runs.length).toBeGreaterThanOrEqual(3);
    const statuses = [];
    const activities = [];
    for (const run of runs) {
      statuses.push(await env.client.workflow.getHandle(workflowId, run).query<UploadStatus>('uploadStatus'));
      activities.push(...scheduled(await replayed(env.client, workflowId, run)));
    }
    expect(new Set(statuses.map(({ id }) => id))).toEqual(new Set(calls.uploads));
    expect(new Set(statuses.map(({ deadline }) => deadline)).size).toBe(1);
    expect(activities).toEqual(['geminiFilesUpload', ...Array<string>(CHECKS).fill('geminiFilesCheck')]);
  });
  expect(calls.uploads).toHaveLength(1);
  expect(calls.deletes).toEqual([]);
});

it.each([
  ['in a row end a wait, also if the wait continues as new between them', ['denied, long', 'denied'], 2],
  ['with an answer between them do not', ['denied', 'found', 'denied', 'active'], 4],
])('denials %s', async (_, answers, polls) => {
  const workflowId = randomUUID();
  const story = [...answers];
  const { worker, taskQueue } = await stubWorker(env, {
    geminiFilesCheck: async ({ name }) => {
      const answer = story.shift() ?? 'active';
      if (answer === 'denied, long') {
        // Each is an event, and no handler exists: the next run begins after this check.
        const handle = env.client.workflow.getHandle(workflowId);
        for (let sent = 0; sent < 30; sent += 1) await handle.signal('unknown');
      }
      if (answer.startsWith('denied')) return { found: false, status: 403, message: 'denied' };
      return { found: true, file: stubFile(name, { state: answer === 'active' ? 'ACTIVE' : 'PROCESSING' }) };
    },
  });
  const client = new GeminiFilesClient(env.client, { taskQueue });
  const { error, value } = await worker.runUntil(async () => {
    const handle = await client.start('clip.mp4', QUICK, { workflowId, ...BOUNDED });
    return handle.result().then(
      (value) => ({ value, error: undefined }),
      (error: unknown) => ({ value: undefined, error }),
    );
  });
  expect(story).toEqual([]);
  if (answers.at(-1) === 'active') return expect(value).toMatchObject({ state: 'ACTIVE', polls });
  expect(error).toMatchObject({ name: 'UploadFailedError', polls, cleanup: 'deleted' });
  expect((error as Error).message).toMatch(/is gone: the provider denied it 2 times in a row$/);
  expect(await runsOf(env.client, workflowId)).toHaveLength(2);
});

/** Only `checkNow` ends such a sleep within the time of a test. */
const HOURLY = { pollInterval: '1h', maxPollInterval: '1h', timeout: '24h', jitter: 0 } as const;

/** A run that hangs ends by itself, before the test's own timeout. */
const BOUNDED = { workflowExecutionTimeout: '20s' } as const;

it('does not lose a checkNow that comes during the last check of a run: the next run checks at once', async () => {
  const workflowId = randomUUID();
  let checks = 0;
  const { worker, taskQueue } = await stubWorker(env, {
    geminiFilesCheck: async ({ name }) => {
      checks += 1;
      if (checks === CHECKS) return { found: true, file: stubFile(name, { state: 'ACTIVE' }) };
      // Each check is under way when the signal for the next one comes, the last check of each run too.
      await env.client.workflow.getHandle(workflowId).signal('checkNow');
      return { found: true, file: stubFile(name) };
    },
  });
  const client = new GeminiFilesClient(env.client, { taskQueue });
  await worker.runUntil(async () => {
    const handle = await client.start('clip.mp4', HOURLY, { workflowId, ...BOUNDED });
    await asleep(env, handle);
    await handle.checkNow();
    expect(await handle.result()).toMatchObject({ state: 'ACTIVE', polls: CHECKS });
    const runs = await runsOf(env.client, workflowId);
    expect(runs.length).toBeGreaterThanOrEqual(2);
    const sleeps = [];
    for (const run of runs) sleeps.push(...timers(await replayed(env.client, workflowId, run)));
    expect(sleeps).toEqual([3_600_000]);
  });
});

it('reports the checks of all runs so far, also before the first check of a new run', async () => {
  const { worker, taskQueue, calls } = await stubWorker(env);
  const client = new GeminiFilesClient(env.client, { taskQueue });
  await worker.runUntil(async () => {
    const { workflowId } = await client.start('clip.mp4', HOURLY, BOUNDED);
    const handle = client.attach(workflowId);
    let status: Pick<UploadStatus, 'nextCheckAt' | 'polls'> = { nextCheckAt: null, polls: 0 };
    /** Resolves once the run sleeps before another check than the last one. */
    const nextSleep = async () => {
      const { nextCheckAt: before } = status;
      const look = async () => {
        status = await handle.status();
        return status.nextCheckAt !== null && status.nextCheckAt !== before;
      };
      await expect.poll(look, { interval: 20 }).toBe(true);
    };
    await nextSleep();
    while ((await runsOf(env.client, workflowId)).length === 1) {
      await handle.checkNow();
      await nextSleep();
    }
    expect(calls.checks.length).toBeGreaterThan(0);
    expect(status.polls).toBe(calls.checks.length);
    await handle.workflow.terminate();
  });
});

it('does not continue as new if an inline upload succeeds in spite of a cancellation', async () => {
  const workflowBundle = await bundleEmbedding();
  let begun = () => {};
  const started = new Promise<void>((resolve) => (begun = resolve));
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const { worker, taskQueue, calls } = await stubWorker(
    env,
    {
      geminiFilesUpload: async ({ name }) => {
        begun();
        await released;
        return stubFile(name);
      },
    },
    { workflowBundle },
  );
  const workflowId = randomUUID();
  await worker.runUntil(async () => {
    const handle = await env.client.workflow.start('patient', {
      taskQueue,
      workflowId,
      args: [{ path: 'clip.mp4', ...HOURLY }],
      ...BOUNDED,
    });
    await started;
    // Signals without a handler make the history long before the upload ends.
    for (let sent = 0; sent < 30; sent += 1) await handle.signal('unknown');
    await handle.cancel();
    release();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    expect(await runsOf(env.client, workflowId)).toHaveLength(1);
    const events = await replayed(env.client, workflowId, undefined, { workflowBundle });
    expect(scheduled(events)).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
  });
  expect(calls.deletes).toEqual(calls.uploads);
});

it('is followed through its runs to the end of the last one', async () => {
  let checks = 0;
  const { worker, taskQueue } = await stubWorker(env, {
    geminiFilesCheck: ({ name }) => {
      checks += 1;
      const state = checks < CHECKS ? 'PROCESSING' : 'ACTIVE';
      return Promise.resolve({ found: true, file: stubFile(name, { state }) });
    },
  });
  const client = new GeminiFilesClient(env.client, { taskQueue });
  const settings = { pollInterval: '100ms', maxPollInterval: '100ms', jitter: 0 } as const;
  await worker.runUntil(async () => {
    const { workflowId } = await client.start('clip.mp4', settings, BOUNDED);
    const [first] = await runsOf(env.client, workflowId);
    const items: UploadProgress[] = [];
    // A handle of the first run, which is not the one that ends.
    for await (const item of client.progress(client.attach(workflowId, first), { intervalMs: 20 }))
      items.push(item);
    expect((await runsOf(env.client, workflowId)).length).toBeGreaterThanOrEqual(2);
    expect(items.filter(({ phase }) => phase === 'done')).toHaveLength(1);
    expect(items.at(-1)).toMatchObject({ phase: 'done', state: 'ACTIVE', polls: CHECKS });
  });
});
