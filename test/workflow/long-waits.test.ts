/** Waits of hours, on Temporal's time-skipping server: exact sleeps, deadlines, and continuing as new. */

import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import {
  UploadInactiveError,
  type ActiveFile,
  type GeminiFilesActivities,
  type UploadOptions,
  type UploadStatus,
} from '../../src/client/index.js';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import { replayed, runsOf, scheduled, timeOf, timers, type HistoryEvent } from '../support/replay.js';
import { MODES } from '../support/scenario.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useTimeSkippingServer } from '../support/temporal.js';
import { bundleEmbedding } from '../support/user-worker.js';

const env = await useTimeSkippingServer();

/** A check that finds the file ACTIVE the `count`th time. */
function activeAfter(count: number): Partial<GeminiFilesActivities> {
  let checks = 0;
  return {
    geminiFilesCheck: ({ name }) => {
      checks += 1;
      return Promise.resolve({
        found: true,
        file: stubFile(name, checks < count ? {} : { state: 'ACTIVE' }),
      });
    },
  };
}

const start = (taskQueue: string, input: UploadOptions, ...more: unknown[]) =>
  env.client.workflow.start<(...args: unknown[]) => Promise<ActiveFile>>('uploadAndWaitActive', {
    taskQueue,
    workflowId: randomUUID(),
    args: [input, ...more],
  });

const failure = (handle: WorkflowHandle) =>
  handle.result().then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => fromWorkflowFailure(error),
  );

describe.each(MODES)('%s', (_, mode) => {
  it('sleeps 2 s, 3 s, 4.5 s, 6.75 s, then 10 s, and to the deadline at last', async () => {
    const { worker, taskQueue, calls } = await stubWorker(env, {}, mode);
    const handle = await start(taskQueue, { path: 'clip.mp4', timeout: '60s', jitter: 0 });
    const error = await worker.runUntil(() => failure(handle));
    const events = await replayed(env.client, handle.workflowId);

    // The last sleep ends at the deadline. It is the ninth, unless the checks take seconds on a busy machine.
    const sleeps = timers(events);
    const count = sleeps.length;
    const full = [2000, 3000, 4500, 6750, 10_000, 10_000, 10_000, 10_000, 10_000];
    const timerTimes = taskTimes(events, (event) => event.timerStartedEventAttributes);
    const deadline = (timerTimes[0] ?? 0) + 60_000;
    const untilDeadline = deadline - (timerTimes.at(-1) ?? 0);
    expect(sleeps).toEqual([...full.slice(0, count - 1), Math.min(full[count - 1] ?? 0, untilDeadline)]);
    expect(count).toBeGreaterThan(6);
    // The last check is the only one that is sent at the deadline or after it.
    const checkTimes = taskTimes(
      events,
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'geminiFilesCheck',
    );
    const checks = checkTimes.length;
    expect(checkTimes.findIndex((time) => time >= deadline)).toBe(checks - 1);
    expect(checks).toBeGreaterThanOrEqual(count);
    const [id] = calls.uploads;
    expect(error).toBeInstanceOf(UploadInactiveError);
    expect(error).toMatchObject({
      message: `${id} (clip.mp4) was not ACTIVE within 60 s of its upload: ${checks} checks, last state PROCESSING`,
      provider: 'google',
      id,
      state: 'PROCESSING',
      polls: checks,
      cleanup: 'deleted',
    });
    expect(calls).toEqual({ uploads: [id], checks: Array<unknown>(checks).fill(id), deletes: [id] });
    expect(scheduled(events).at(-1)).toBe('geminiFilesDelete');
  });

  it('sleeps with jitter from the sandbox, within its bounds', async () => {
    const { worker, taskQueue } = await stubWorker(env, activeAfter(12), mode);
    const input = { path: 'clip.mp4', timeout: '1h', maxPollInterval: '2s', jitter: '500ms' } as const;
    const handle = await start(taskQueue, input);
    await worker.runUntil(() => handle.result());
    const sleeps = timers(await replayed(env.client, handle.workflowId));
    expect(sleeps).toHaveLength(12);
    expect(new Set(sleeps).size).toBeGreaterThan(6);
    for (const sleep of sleeps) expect(Math.abs(sleep - 2000)).toBeLessThanOrEqual(500);
  });
});

// Without a cache each task replays the whole run, which a longer cap keeps short.
it.each([
  { name: 'five minutes', cap: '5m', growing: 13, capped: 62, capMs: 300_000, mode: {} },
  {
    name: 'half an hour, with maxCachedWorkflows: 0',
    cap: '30m',
    growing: 17,
    capped: 8,
    capMs: 1_800_000,
    mode: { maxCachedWorkflows: 0 },
  },
] as const)('waits six hours with a cap of $name', async ({ cap, growing, capped, capMs, mode }) => {
  const checks = growing + capped;
  const { worker, taskQueue, calls } = await stubWorker(env, activeAfter(checks), mode);
  const input = {
    path: 'clip.mp4',
    timeout: '6h',
    pollInterval: '2s',
    maxPollInterval: cap,
    jitter: 0,
  } as const;
  const handle = await start(taskQueue, input);
  const result = await worker.runUntil(() => handle.result());
  const sleeps = timers(await replayed(env.client, handle.workflowId));

  // 2 s, 3 s, …, the last below the cap, and the cap from then on.
  const before = Array.from({ length: growing }, (_, step) => Math.ceil(2000 * 1.5 ** step));
  expect(sleeps).toEqual([...before, ...Array<number>(capped).fill(capMs)]);
  expect(result).toMatchObject({ id: calls.uploads[0], state: 'ACTIVE', polls: checks });
  expect(result.waitedMs).toBeGreaterThanOrEqual(sleeps.reduce((sum, ms) => sum + ms, 0));
  expect(result.waitedMs).toBeLessThan(6 * 3_600_000);
  expect(calls.deletes).toEqual([]);
});

// With a cache only: without one, each of 1,000 tasks replays its whole run. continue-as-new.test.ts has both modes.
it('continues as new through 400 checks: same file, same deadline, queries in each run', async () => {
  const { worker, taskQueue, calls } = await stubWorker(env, activeAfter(400));
  const input = { path: 'clip.mp4', timeout: '24h', maxPollInterval: '2s', jitter: 0 } as const;
  const handle = await start(taskQueue, input);
  const { result, statuses, runs } = await worker.runUntil(async () => {
    const result = await handle.result();
    const runs = await runsOf(env.client, handle.workflowId);
    const statuses = [];
    for (const run of [runs[0], runs.at(-1)]) {
      const part = env.client.workflow.getHandle(handle.workflowId, run);
      statuses.push(await part.query<UploadStatus>('uploadStatus'));
    }
    return { result, statuses, runs };
  });

  expect(result).toMatchObject({ id: calls.uploads[0], state: 'ACTIVE', polls: 400 });
  expect(calls.uploads).toHaveLength(1);
  expect(calls.deletes).toEqual([]);
  expect(new Set(calls.checks)).toEqual(new Set(calls.uploads));
  expect(calls.checks).toHaveLength(400);
  // 11 events for each check, or fewer if one workflow task reports two of them.
  expect(runs.length).toBeGreaterThanOrEqual(2);
  expect(new Set(statuses.map((status) => status.id))).toEqual(new Set(calls.uploads));
  expect(new Set(statuses.map((status) => status.deadline)).size).toBe(1);
  expect(statuses.at(-1)).toMatchObject({ phase: 'done', state: 'ACTIVE', polls: 400 });
  for (const run of runs) {
    const events = await replayed(env.client, handle.workflowId, run);
    expect(events.length).toBeLessThan(2020);
    expect(new Set(timers(events))).toEqual(new Set([2000]));
  }
});

/** The workflow's time at each command that is asked for: the start of its workflow task. */
function taskTimes(events: readonly HistoryEvent[], isAskedFor: (event: HistoryEvent) => unknown): number[] {
  let task = 0;
  return events.flatMap((event) => {
    if (event.workflowTaskStartedEventAttributes) task = timeOf(event);
    return isAskedFor(event) ? [task] : [];
  });
}

it('continues a wait as new inline, if the workflow asks for it; a state from a client is ignored', async () => {
  const workflowBundle = await bundleEmbedding();
  const { worker, taskQueue, calls } = await stubWorker(env, activeAfter(250), { workflowBundle });
  const input = { path: 'clip.mp4', timeout: '24h', maxPollInterval: '2s', jitter: 0 } as const;
  const state = {
    file: stubFile('files/of-somebody-else'),
    uploadedAt: 0,
    interval: 2000,
    polls: 7,
    missing: 0,
  };
  const workflowId = randomUUID();
  const result = await worker.runUntil(() =>
    env.client.workflow.execute<(...args: unknown[]) => Promise<ActiveFile>>('patient', {
      taskQueue,
      workflowId,
      args: [input, { runId: workflowId, state }],
    }),
  );
  expect(result).toMatchObject({ id: calls.uploads[0], state: 'ACTIVE', polls: 250 });
  expect(calls.uploads).toHaveLength(1);
  expect(calls.deletes).toEqual([]);
  const runs = await runsOf(env.client, workflowId);
  expect(runs).toHaveLength(2);
  for (const run of runs) await replayed(env.client, workflowId, run, { workflowBundle });
});

describe('carried state', () => {
  const carried = (runId: string) => ({
    carried: {
      runId,
      state: {
        file: stubFile('files/of-somebody-else'),
        uploadedAt: 0,
        interval: 2000,
        polls: 7,
        missing: 0,
      },
    },
  });

  it('from a client is ignored', async () => {
    const { worker, taskQueue, calls } = await stubWorker(env, activeAfter(1));
    const handle = await start(taskQueue, { path: 'clip.mp4', jitter: 0 }, carried(randomUUID()));
    const result = await worker.runUntil(() => handle.result());
    expect(result).toMatchObject({ id: calls.uploads[0], polls: 1 });
    expect([...calls.uploads, ...calls.checks]).not.toContain('files/of-somebody-else');
  });

  it('from a client is ignored by the later runs of a cron, which also have a run before them', async () => {
    const { worker, taskQueue, calls } = await stubWorker(env, activeAfter(1));
    const handle = await env.client.workflow.start('uploadAndWaitActive', {
      taskQueue,
      workflowId: randomUUID(),
      args: [{ path: 'clip.mp4', jitter: 0 }, carried('')],
      cronSchedule: '* * * * *',
    });
    await worker.runUntil(async () => {
      while (calls.uploads.length < 3) await env.sleep('1m');
      await handle.terminate();
    });
    expect(new Set(calls.uploads).size).toBe(calls.uploads.length);
    expect(calls.checks.filter((name) => !calls.uploads.includes(name))).toEqual([]);
  });
});
