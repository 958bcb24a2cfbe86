/** `endWithin`: a run returns its file in time, or ends without one. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import type { UploadStatus } from '../../src/client/index.js';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import { replayed, runsOf, scheduled, timeOf, type HistoryEvent } from '../support/replay.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useDevServer } from '../support/temporal.js';

const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 30 });

const path = 'clip.mp4';
const OFTEN = { path, pollInterval: '100ms', maxPollInterval: '100ms', jitter: 0, timeout: '1h' };
const HOURLY = { ...OFTEN, pollInterval: '1h', maxPollInterval: '1h', timeout: '2h' };

interface Started {
  readonly workflowId: string;
  readonly result: Promise<unknown>;
}

const start = async (type: string, taskQueue: string, args: unknown[]): Promise<Started> => {
  const workflowId = randomUUID();
  const handle = await env.client.workflow.start(type, { taskQueue, workflowId, args });
  const result = handle.result().catch((error: unknown) => fromWorkflowFailure(error));
  return { workflowId, result };
};

/** Milliseconds of the upload's bound, as it was scheduled. */
function uploadBound(events: readonly HistoryEvent[]): number | undefined {
  const upload = events.find((event) => event.activityTaskScheduledEventAttributes);
  return optionalTsToMs(upload?.activityTaskScheduledEventAttributes?.scheduleToCloseTimeout);
}

const taskStarts = (events: readonly HistoryEvent[]) =>
  events.filter((event) => event.workflowTaskStartedEventAttributes).map(timeOf);

describe('as a workflow of its own', () => {
  it.each(['soon', 0, -1, '-1s', '11y', 1e300, {}, [[]], true, ''])(
    'refuses %o before anything runs',
    async (endWithin) => {
      const { worker, taskQueue, calls } = await stubWorker(env);
      await worker.runUntil(async () => {
        const { result } = await start('uploadAndWaitActive', taskQueue, [{ path }, { endWithin }]);
        expect(await result).toMatchObject({
          name: 'InvalidOptionsError',
          message: `Invalid option endWithin: expected a duration above 0, of ten years at most, got ${JSON.stringify(endWithin)}`,
        });
      });
      expect(calls.uploads).toEqual([]);
    },
  );

  it('bounds the upload and the wait from the start of the workflow, whatever other options say', async () => {
    const { worker, taskQueue } = await stubWorker(env);
    const overrides = { activityOptions: { upload: { scheduleToCloseTimeout: '5h' } } };
    const { workflowId } = await start('uploadAndWaitActive', taskQueue, [
      HOURLY,
      { endWithin: '1h', ...overrides },
    ]);
    const handle = env.client.workflow.getHandle(workflowId);
    await worker.runUntil(async () => {
      const deadline = async () => (await handle.query<UploadStatus>('uploadStatus')).deadline;
      await expect.poll(deadline).not.toBeNull();
      const { startTime } = await handle.describe();
      const giveUpAt = startTime.getTime() + 3_595_000;
      expect(Date.parse((await deadline()) ?? '')).toBe(giveUpAt);
      const { events } = await handle.fetchHistory();
      const [begun = 0] = taskStarts(events ?? []);
      expect(uploadBound(events ?? [])).toBe(giveUpAt - begun);
      await handle.terminate();
    });
  });

  it('keeps a shorter bound of the upload, and takes null for no end', async () => {
    const { worker, taskQueue } = await stubWorker(env, {
      geminiFilesUpload: ({ name }) => Promise.resolve(stubFile(name, { state: 'ACTIVE' })),
    });
    await worker.runUntil(async () => {
      const short = await start('uploadAndWaitActive', taskQueue, [
        { path, uploadTimeout: '1m' },
        { endWithin: '1h' },
      ]);
      expect(await short.result).toMatchObject({ state: 'ACTIVE' });
      expect(uploadBound(await replayed(env.client, short.workflowId))).toBe(60_000);
      const none = await start('uploadAndWaitActive', taskQueue, [{ path }, { endWithin: null }]);
      expect(await none.result).toMatchObject({ state: 'ACTIVE' });
      expect(uploadBound(await replayed(env.client, none.workflowId))).toBe(7_200_000);
    });
  });
});

describe('inline', () => {
  it('counts from the call, and holds over every continue-as-new', async () => {
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('fixtures/ends.ts', import.meta.url)),
      logger: new DefaultLogger('WARN'),
    });
    const { worker, taskQueue, calls } = await stubWorker(env, {}, { workflowBundle });
    await worker.runUntil(async () => {
      const { workflowId, result } = await start('inlineWithEnd', taskQueue, [OFTEN, '5s']);
      expect(await result).toMatchObject({ name: 'UploadInactiveError', cleanup: 'deleted' });
      const runs = await runsOf(env.client, workflowId);
      expect(runs.length).toBeGreaterThan(1);
      const first = await replayed(env.client, workflowId, runs[0], { workflowBundle });
      expect(scheduled(first)[0]).toBe('geminiFilesUpload');
      // A tenth less than the end, from the workflow task that made the call.
      expect(uploadBound(first)).toBe(4_500);
      expect(calls.uploads).toHaveLength(1);
      expect(calls.deletes).toEqual(calls.uploads);
    });
  });
});
