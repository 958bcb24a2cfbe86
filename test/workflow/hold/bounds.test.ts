/** What bounds the history of a hold, and what it has under way. */

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HoldStatus } from '../../../src/contract/hold.js';
import { QuotaExceededError } from '../../../src/contract/errors.js';
import { fromWorkflowFailure } from '../../../src/client/failures.js';
import { toApplicationFailure } from '../../../src/contract/failure.js';
import { HISTORY_LIMIT } from '../../../src/workflow/hold/history-limit.js';
import { gate } from '../../support/gate.js';
import { heldProvider, HOUR, inBatches, isHeld, sentAnswers } from '../../support/hold.js';
import { replayed, runsOf } from '../../support/replay.js';
import { devServer, useTimeSkippingServer } from '../../support/temporal.js';
import { testWorker } from '../../support/worker.js';

const env = await useTimeSkippingServer();

const full = toApplicationFailure(new QuotaExceededError('file_storage_bytes is full', { status: 429 }));

describe("onQuotaFull: 'wait'", () => {
  const options = { for: '5d', onQuotaFull: 'wait', uploadTimeout: '24h' } as const;

  it('in the first upload continues as new under the same name, and in a renewal too, until half of the time that is left is over', async () => {
    const provider = await heldProvider(env);
    provider.failWith = full;
    const hold = await provider.start({ ...options, renewBefore: '24h' });
    const runs = await provider.run(async () => {
      await env.sleep(20 * HOUR);
      const { uploads } = provider.calls;
      expect(uploads.length).toBeGreaterThan(110);
      expect(new Set(uploads).size).toBe(1);
      provider.failWith = undefined;
      await env.sleep('11m');
      const { file } = await hold.until(isHeld);
      expect(file?.id).toBe(uploads[0]);
      const before = uploads.length;
      provider.failWith = full;
      await env.sleep(44 * HOUR);
      // The first upload of the renewal has had half of the time that the file had left.
      expect(await hold.status()).toMatchObject({ file, lastError: { type: 'QuotaExceededError' } });
      provider.failWith = undefined;
      await env.sleep('11m');
      await hold.until(({ renewals }) => renewals === 1);
      expect(new Set(uploads.slice(before)).size).toBeLessThan(5);
      await hold.release('first');
      expect(await hold.handle.result()).toEqual({ renewals: 1, leases: 1, cleanup: 'deleted' });
      return runsOf(env.client, hold.holdId);
    });
    expect(runs.length).toBeGreaterThan(2);
    for (const run of runs) expect((await replayed(env.client, hold.holdId, run)).length).toBeLessThan(1100);
  });

  it('ends when the time of the upload is over, however many runs it takes', async () => {
    const provider = await heldProvider(env);
    provider.failWith = full;
    const hold = await provider.start(options);
    const start = await env.currentTimeMs();
    await provider.run(async () => {
      await env.sleep(25 * HOUR);
      const error = await hold.handle.result().catch(fromWorkflowFailure);
      expect(error).toMatchObject({ name: 'QuotaExceededError', message: 'file_storage_bytes is full' });
      const took = ((await hold.handle.describe()).closeTime?.getTime() ?? 0) - start;
      expect(took).toBeGreaterThan(23 * HOUR);
      expect(took).toBeLessThan(24 * HOUR + 60_000);
      expect((await runsOf(env.client, hold.holdId)).length).toBeGreaterThan(1);
    });
  });
});

/** The server counts without the task's own two events. */
const SUGGESTED_BEFORE = 2;

/** What a run began although its history had reached `limit` when the workflow task started, by the names of the events' attributes. */
function begunWhenLong(history: Parameters<typeof sentAnswers>[0], limit: number): string[] {
  const long = history.findIndex(
    (event, index) => event.workflowTaskStartedEventAttributes && index + 1 >= limit + SUGGESTED_BEFORE,
  );
  if (long < 0) return [];
  return history
    .slice(long)
    .flatMap((event) =>
      Object.keys(event).filter((name) => /^(?:activityTaskScheduled|.*Initiated)/.test(name)),
    );
}

/**
 * Callers that all wait for the first upload, over two workers. Temporal allows 2,000 signals under way.
 *
 * @param limit - events after which a run begins nothing more, and continues as new. How many signals come before it does depends on the machine
 */
async function callersAtOnce(dev: TestWorkflowEnvironment, callers: number, limit: number): Promise<void> {
  const upload = gate();
  const provider = await heldProvider(dev, {}, { upload: upload.pass });
  const hold = await provider.start({ for: '5d' });
  // One process can have two workers of a task queue by two connections.
  const connection = await NativeConnection.connect({ address: dev.address });
  const second = await testWorker(dev, { connection, taskQueue: provider.taskQueue, activities: {} });
  const histories = await provider.run(() =>
    second.run(async () => {
      await upload.reached;
      await inBatches(callers, (n) => hold.acquire(`lease ${n}`, '1d', 'nobody'));
      await hold.until(({ leases }) => leases.length === callers + 1);
      const duringUpload = await runsOf(dev.client, hold.holdId);
      expect(duringUpload.length).toBeGreaterThan(1);
      upload.open();
      const isDone = ({ leases }: HoldStatus) => leases.every(({ until }) => until !== null);
      expect((await hold.until(isDone)).leases).toHaveLength(callers + 1);
      const fetched = async () =>
        Promise.all(
          (await runsOf(dev.client, hold.holdId)).map(async (run) => {
            const { events } = await dev.client.workflow.getHandle(hold.holdId, run).fetchHistory();
            return events ?? [];
          }),
        );
      await expect
        .poll(async () => (await fetched()).flatMap(sentAnswers).length, { interval: 300 })
        .toBe(callers);
      // One that ended during the upload, and one that sent answers.
      for (const run of [duringUpload[0], (await runsOf(dev.client, hold.holdId)).at(-2)])
        await replayed(dev.client, hold.holdId, run);
      return fetched();
    }),
  );
  await connection.close();
  const answered = histories.flatMap(sentAnswers);
  expect(new Set(answered.map(({ leaseId }) => leaseId)).size).toBe(callers);
  expect(new Set(provider.calls.uploads).size).toBe(1);
  expect(new Set(answered.map(({ file }) => file?.id))).toEqual(new Set(provider.calls.uploads));
  if (process.env.SHOW_FIGURES)
    process.stderr.write(`${callers} callers: ${histories.map(({ length }) => length).join(', ')} events\n`);
  for (const history of histories) {
    // 200 at a time, each of two events.
    expect(sentAnswers(history).length).toBeLessThanOrEqual(limit / 2 + 200);
    expect(begunWhenLong(history, limit)).toEqual([]);
  }
}

describe('callers that wait at once are all answered, by runs that begin nothing when their history is long', () => {
  it('400 callers, of a server that suggests to continue as new at 100 events', async () => {
    const dev = await devServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 100 });
    // After the provider has ended its holds.
    onTestFinished(() => dev.teardown());
    await callersAtOnce(dev, 400, 100);
  });

  it('2,500 callers, of a server that suggests nothing before', async () => {
    const dev = await devServer();
    onTestFinished(() => dev.teardown());
    await callersAtOnce(dev, 2500, HISTORY_LIMIT);
  }, 90_000);
});
