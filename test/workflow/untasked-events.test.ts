/** A query that is answered by a worker without the workflow in its cache, after an event that has no workflow task yet. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { queryRun } from '../../src/client/query-run.js';
import type { GeminiFilesActivities } from '../../src/contract/activities.js';
import type { GeminiFile } from '../../src/contract/file.js';
import type { HoldStatus } from '../../src/contract/hold.js';
import { ACQUIRE_HOLD_SIGNAL, HELD_FILE_QUERY, QUERY_AGAIN, WORKFLOW } from '../../src/contract/names.js';
import { isUntasked } from '../../src/workflow/untasked-events.js';
import { replayed } from '../support/replay.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();

/** How long a task waits for a worker that has gone. */
const STICKY = { stickyQueueScheduleToStartTimeout: '1s' } as const;

/** Files that are renewed 2 s after they are ACTIVE. */
function expiringFiles(): Partial<GeminiFilesActivities> {
  const files = new Map<string, GeminiFile>();
  return {
    geminiFilesUpload: ({ name }) => {
      const expirationTime = new Date(Date.now() + 64_000).toISOString();
      const file = stubFile(name, { state: 'ACTIVE', expirationTime });
      files.set(name, file);
      return Promise.resolve(file);
    },
    geminiFilesCheck: ({ name }) => Promise.resolve({ found: true, file: files.get(name) ?? stubFile(name) }),
  };
}

/** Resolves once a timer has ended of which no worker has been told. */
async function untilTimerFired(hold: WorkflowHandle): Promise<void> {
  for (;;) {
    const { events } = await hold.fetchHistory();
    const fired = events?.findLastIndex((event) => event.timerFiredEventAttributes) ?? -1;
    const tasked = events?.findLastIndex((event) => event.workflowTaskCompletedEventAttributes) ?? -1;
    if (fired > tasked) return;
    await sleep(100);
  }
}

describe('queries that wait for a worker while a timer ends', () => {
  it('are answered, and what the run records replays', async () => {
    const activities = expiringFiles();
    const before = await stubWorker(env, activities, STICKY);
    const { taskQueue } = before;
    const holds = await Promise.all(
      [1, 2, 3].map((number) =>
        env.client.workflow.start(WORKFLOW.holdActiveFile, {
          taskQueue,
          workflowId: `${taskQueue}-${number}`,
          args: [{ path: 'talk.mp4', for: '10m', renewBefore: '62s', grace: '0s' }],
        }),
      ),
    );
    const statusOf = (hold: WorkflowHandle) => queryRun<HoldStatus>(hold, HELD_FILE_QUERY);
    await before.run(async () => {
      for (const hold of holds) while ((await statusOf(hold)).phase !== 'active') await sleep(50);
    });
    const plain = holds.map((hold) => hold.query(HELD_FILE_QUERY).catch((error: Error) => error.message));
    const repeated = holds.map(statusOf);
    await Promise.all(holds.map(untilTimerFired));

    const after = await stubWorker(env, activities, { ...STICKY, taskQueue });
    await after.run(async () => {
      for (const { phase } of await Promise.all(repeated)) expect(phase).toMatch(/^(active|renewing)$/);
      for (const hold of holds) while ((await statusOf(hold)).renewals === 0) await sleep(50);
      // Which of the two tasks the worker is given first, the query or the workflow task, is not certain.
      for (const answer of await Promise.all(plain))
        expect(answer).toEqual(
          typeof answer === 'string' ? expect.stringContaining(QUERY_AGAIN) : expect.anything(),
        );
      await Promise.all(holds.map((hold) => hold.terminate()));
    });
    for (const { workflowId } of holds) await replayed(env.client, workflowId);
  });
});

describe('a hold that was terminated before the task of its last event', () => {
  it('is over to the callers that have a lease', async () => {
    const before = await stubWorker(env, expiringFiles(), STICKY);
    const { taskQueue } = before;
    const gemini = new GeminiFilesClient(env.client, { taskQueue });
    const lease = await before.run(() =>
      gemini.hold('talk.mp4', { for: '10m', holdId: `${taskQueue}-over` }),
    );
    await lease.workflow.signal(ACQUIRE_HOLD_SIGNAL, { leaseId: 'late', for: '1m' });
    await lease.workflow.terminate();
    const after = await stubWorker(env, {}, { ...STICKY, taskQueue });
    await after.run(async () => {
      // No task follows that would bring the event.
      await expect(lease.workflow.query(HELD_FILE_QUERY)).rejects.toThrow(QUERY_AGAIN);
      await expect(lease.current()).rejects.toMatchObject({
        name: 'UploadFailedError',
        message: expect.stringContaining('TERMINATED') as string,
      });
    });
  });
});

describe('isUntasked', () => {
  const last = { events: 9, bytes: 1000 };

  it.each([
    ['more events, and the size at the last task', { events: 10, bytes: 1000 }, true],
    ['a later task', { events: 12, bytes: 1300 }, false],
    ['another activation of the same task', { events: 9, bytes: 1000 }, false],
  ])('%s', (_, now, untasked) => expect(isUntasked(last, now)).toBe(untasked));

  it('cannot be told on a server that does not say the size', () => {
    expect(isUntasked({ events: 9, bytes: 0 }, { events: 10, bytes: 0 })).toBe(false);
  });
});
