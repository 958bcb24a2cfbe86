/** The last check waits for a worker, long enough for an outage of workers, but not forever. */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { GeminiFilesClient, UploadInactiveError, type UploadHandle } from '../../src/client/index.js';
import { timeOf } from '../support/replay.js';
import { ended, MODES } from '../support/scenario.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useTimeSkippingServer } from '../support/temporal.js';

const env = await useTimeSkippingServer();

const HOUR = 3_600_000;

/** A run whose only check is its last one, an hour after the upload, on a queue of its own. It waits for a worker when this resolves. */
async function startUntilLastCheck(taskQueue: string, checks: string): Promise<UploadHandle> {
  const hour = { timeout: '1h', pollInterval: '1h', maxPollInterval: '1h', jitter: 0 };
  const { workflowId } = await env.client.workflow.start('uploadAndWaitActive', {
    taskQueue,
    workflowId: randomUUID(),
    args: [{ path: 'clip.mp4', ...hour }, { activityOptions: { check: { taskQueue: checks } } }],
  });
  const handle = new GeminiFilesClient(env.client).attach(workflowId);
  // Not with `progress`, whose call for the result lets time pass.
  let nextCheckAt: string | null = null;
  while (!nextCheckAt) ({ nextCheckAt } = await handle.status());
  // From the check on, the rest passes in real time.
  await env.sleep(Date.parse(nextCheckAt) - (await env.currentTimeMs()) + 1000);
  while (!(await pendingCheck(handle)));
  return handle;
}

async function pendingCheck({ workflow }: UploadHandle) {
  const { raw } = await workflow.describe();
  return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'geminiFilesCheck');
}

/** The server lets no time pass in leaps while an activity waits for a worker, except with one unlock more. */
async function sleepWhileActivityWaits(ms: number): Promise<void> {
  await Promise.all([env.sleep(ms), env.sleep(ms)]);
}

it.each(MODES)(
  'ends a day after the deadline if nobody polls the queue of the checks, %s',
  async (_, mode) => {
    const { worker, taskQueue, calls } = await stubWorker(env, {}, mode);
    const { error, events } = await worker.runUntil(async () => {
      const handle = await startUntilLastCheck(taskQueue, `nobody-${randomUUID()}`);
      const { raw } = await handle.workflow.describe();
      const scheduledAt = Number(raw.pendingActivities?.[0]?.scheduledTime?.seconds) * 1000;
      await sleepWhileActivityWaits(scheduledAt + 24 * HOUR - (await env.currentTimeMs()) - 3000);
      return ended(env, handle);
    });
    expect(error).toBeInstanceOf(UploadInactiveError);
    expect(error).toMatchObject({ cleanup: 'deleted', polls: 0, state: 'PROCESSING' });
    expect((error as Error).message).toMatch(/: 0 checks, the last check got no answer$/);
    expect(calls.deletes).toEqual(calls.uploads);
    const hours = (timeOf(events.at(-1)) - timeOf(events[0])) / HOUR;
    expect(hours).toBeGreaterThan(24.9);
    expect(hours).toBeLessThan(25.1);
  },
);

it('finds a file that became ACTIVE while no worker polled the queue for 20 hours after the deadline', async () => {
  const { worker, taskQueue, calls } = await stubWorker(env);
  const { worker: checker, taskQueue: checks } = await stubWorker(env, {
    geminiFilesCheck: ({ name }) =>
      Promise.resolve({ found: true, file: stubFile(name, { state: 'ACTIVE' }) }),
  });
  const { result } = await worker.runUntil(async () => {
    const handle = await startUntilLastCheck(taskQueue, checks);
    await sleepWhileActivityWaits(20 * HOUR);
    return checker.runUntil(() => ended(env, handle));
  });
  expect(result).toMatchObject({ state: 'ACTIVE', polls: 1 });
  expect(result?.waitedMs).toBeGreaterThan(20 * HOUR);
  expect(calls.deletes).toEqual([]);
});
