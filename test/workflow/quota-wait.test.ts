/** `onQuotaFull: 'wait'`: an upload to a full storage, on Temporal's time-skipping server. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { GeminiFilesActivities, UploadOptions, UploadStatus } from '../../src/client/index.js';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import type { UploadTrace } from '../../src/contract/activities.js';
import { QuotaExceededError } from '../../src/contract/errors.js';
import { toApplicationFailure } from '../../src/contract/failure.js';
import { replayed, scheduled, timeOf, timers } from '../support/replay.js';
import { MODES } from '../support/scenario.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useTimeSkippingServer } from '../support/temporal.js';
import { bundleEmbedding } from '../support/user-worker.js';

const env = await useTimeSkippingServer();
const MINUTE = 60_000;

/** The storage is full for the first `count` uploads. */
function fullFor(count: number, trace?: UploadTrace): Partial<GeminiFilesActivities> {
  let uploads = 0;
  return {
    geminiFilesUpload: ({ name }) => {
      uploads += 1;
      if (uploads > count) return Promise.resolve(stubFile(name, { state: 'ACTIVE' }));
      const error = new QuotaExceededError('file_storage_bytes is full', { id: name, status: 429 });
      return Promise.reject(toApplicationFailure(error, { details: trace && [trace] }));
    },
  };
}

const ALWAYS = Number.POSITIVE_INFINITY;

async function start(
  taskQueue: string,
  input: Omit<UploadOptions, 'path' | 'source'>,
  type = 'uploadAndWaitActive',
) {
  const options: UploadOptions = { path: 'clip.mp4', onQuotaFull: 'wait', ...input };
  return env.client.workflow.start(type, { taskQueue, workflowId: randomUUID(), args: [options] });
}

async function endOf(handle: Awaited<ReturnType<typeof start>>) {
  const outcome = await handle.result().then(
    (result: unknown) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error: fromWorkflowFailure(error) }),
  );
  const { status } = await handle.describe();
  const events = await replayed(env.client, handle.workflowId);
  return { ...outcome, status: status.name, events };
}

describe.each(MODES)('%s', (_, mode) => {
  it('waits 30 s, 60 s, 2 min, and uploads under the same name', async () => {
    const { worker, taskQueue, calls } = await stubWorker(env, fullFor(3), mode);
    const handle = await start(taskQueue, {});
    const { result, events } = await worker.runUntil(() => endOf(handle));
    const [id] = calls.uploads;
    expect(result).toMatchObject({ id, state: 'ACTIVE', polls: 0 });
    expect(calls).toEqual({ uploads: [id, id, id, id], checks: [], deletes: [] });
    const sleeps = timers(events);
    expect(sleeps).toHaveLength(3);
    for (const [index, ms] of [30_000, 60_000, 120_000].entries())
      expect(Math.abs((sleeps[index] ?? 0) - ms)).toBeLessThanOrEqual(ms / 10);
  });

  it('fails with QuotaExceededError when uploadTimeout is over', async () => {
    const { worker, taskQueue, calls } = await stubWorker(env, fullFor(ALWAYS), mode);
    const handle = await start(taskQueue, { uploadTimeout: '10m' });
    const { error, events } = await worker.runUntil(() => endOf(handle));
    const [id] = calls.uploads;
    expect(error).toMatchObject({
      name: 'QuotaExceededError',
      message: 'file_storage_bytes is full',
      id,
      status: 429,
      cleanup: 'deleted',
    });
    const tasks = events.filter((event) => event.workflowTaskStartedEventAttributes);
    const lastTimer = events.findLastIndex((event) => event.timerStartedEventAttributes);
    const task = tasks.findLast((event) => events.indexOf(event) < lastTimer);
    const left = timeOf(tasks[0]) + 10 * MINUTE - timeOf(task);
    // The last attempt has half of what is left, and at most a minute.
    expect(timers(events).at(-1)).toBeCloseTo(left - Math.min(left / 2, MINUTE), -1);
    expect(timers(events)).toHaveLength(5);
    expect(calls.deletes).toEqual([id]);
  });
});

it('fails at once by default', async () => {
  const { worker, taskQueue, calls } = await stubWorker(env, fullFor(ALWAYS));
  const handle = await start(taskQueue, { onQuotaFull: 'fail' });
  const { error, events } = await worker.runUntil(() => endOf(handle));
  expect(error).toMatchObject({ name: 'QuotaExceededError' });
  expect(calls.uploads).toHaveLength(1);
  expect(timers(events)).toEqual([]);
});

it('does not wait for any other failure', async () => {
  const { worker, taskQueue, calls } = await stubWorker(env, {
    geminiFilesUpload: () => Promise.reject(new Error('broken')),
  });
  const handle = await start(taskQueue, { uploadTimeout: '5s' });
  const { error, events } = await worker.runUntil(() => endOf(handle));
  expect(error).toMatchObject({ name: 'UploadFailedError' });
  expect(new Set(calls.uploads).size).toBe(1);
  expect(timers(events)).toEqual([]);
});

it.each<[string, UploadTrace]>([
  ['a finalize that may still create the file', { finalizing: true, keyFingerprint: 'ab' }],
  ['an earlier session', { earlierFinalize: true }],
  ['an open session', { session: 'v1.sealed', keyFingerprint: 'ab' }],
])('deletes what a refused attempt may have left before it waits: %s', async (_, trace) => {
  const { worker, taskQueue, calls } = await stubWorker(env, fullFor(1, trace));
  const handle = await start(taskQueue, {});
  const { result, events } = await worker.runUntil(() => endOf(handle));
  expect(result).toMatchObject({ state: 'ACTIVE' });
  expect(calls.deletes).toEqual([calls.uploads[0]]);
  expect(scheduled(events)).toEqual(['geminiFilesUpload', 'geminiFilesDelete', 'geminiFilesUpload']);
});

it('does not wait if what a refused attempt left could not be deleted', async () => {
  const stubs = { ...fullFor(1, { finalizing: true }), geminiFilesDelete: () => Promise.reject(new Error()) };
  const { worker, taskQueue, calls } = await stubWorker(env, stubs);
  const handle = await start(taskQueue, { cleanupTimeout: '2s' });
  const { error, events } = await worker.runUntil(() => endOf(handle));
  expect(error).toMatchObject({ name: 'QuotaExceededError', cleanup: 'failed' });
  expect(calls.uploads).toHaveLength(1);
  expect(timers(events)).toEqual([]);
});

it('shows the wait, and ends it by checkNow', async () => {
  const { worker, taskQueue, calls } = await stubWorker(env, fullFor(2));
  await worker.runUntil(async () => {
    // A query does not let the time skip: the wait lasts until the signal.
    const handle = await start(taskQueue, {});
    for (const uploads of [1, 2]) {
      const status = await waiting(handle, uploads);
      expect(status).toMatchObject({ phase: 'quota-wait', state: null, polls: 0, deadline: null });
      expect(Date.parse(String(status.nextCheckAt))).toBeGreaterThan(Date.now());
      await handle.signal('checkNow');
    }
    const { result, events } = await endOf(handle);
    expect(result).toMatchObject({ state: 'ACTIVE' });
    // Neither of the timers fired.
    expect(events.filter(({ timerFiredEventAttributes }) => timerFiredEventAttributes)).toEqual([]);
    expect(await handle.query('uploadStatus')).toMatchObject({ phase: 'done', nextCheckAt: null });
  });

  async function waiting(handle: Awaited<ReturnType<typeof start>>, uploads: number) {
    for (;;) {
      const status = await handle.query<UploadStatus>('uploadStatus');
      if (status.phase === 'quota-wait' && calls.uploads.length === uploads) return status;
    }
  }
});

it('is cancelled in its wait, with nothing to clean up', async () => {
  const { worker, taskQueue, calls } = await stubWorker(env, fullFor(ALWAYS));
  const handle = await start(taskQueue, {});
  await worker.runUntil(async () => {
    while ((await handle.query<UploadStatus>('uploadStatus')).phase !== 'quota-wait');
    await handle.cancel();
    expect(await endOf(handle)).toMatchObject({ status: 'CANCELLED' });
  });
  expect(calls.deletes).toEqual([]);
});

it('has at most 17 events an attempt in its history', async () => {
  const trace = { session: 'v1.sealed', keyFingerprint: 'ab' };
  const { worker, taskQueue, calls } = await stubWorker(env, fullFor(ALWAYS, trace));
  const handle = await start(taskQueue, { uploadTimeout: '2h' });
  const { error, events } = await worker.runUntil(() => endOf(handle));
  expect(error).toMatchObject({ name: 'QuotaExceededError', cleanup: 'deleted' });
  expect(calls.uploads.length).toBeGreaterThan(14);
  expect(events.length).toBeLessThanOrEqual(17 * calls.uploads.length);
});

it.each([
  ['preuploadAndWaitActive', 'https://example.invalid/v1beta/'],
  ['block', 'files/'],
])('works for %s', async (type, begin) => {
  const workflowBundle = await bundleEmbedding();
  const own = type === 'preuploadAndWaitActive';
  const { worker, taskQueue, calls } = await stubWorker(env, fullFor(2), own ? {} : { workflowBundle });
  await worker.runUntil(async () => {
    const input: UploadOptions = { path: 'clip.mp4', onQuotaFull: 'wait' };
    const args = own ? [input] : [input, 'return'];
    const result: unknown = await env.client.workflow.execute(type, {
      taskQueue,
      workflowId: randomUUID(),
      args,
    });
    expect(result).toBe(own ? `${begin}${calls.uploads[0]}` : calls.uploads[0]);
  });
  expect(calls.uploads).toHaveLength(3);
});
