/** What bounds the history of a hold, and what it has under way. */

import { describe, expect, it } from 'vitest';
import { QuotaExceededError } from '../../../src/contract/errors.js';
import { fromWorkflowFailure } from '../../../src/client/failures.js';
import { toApplicationFailure } from '../../../src/contract/failure.js';
import { gate } from '../../support/gate.js';
import { heldProvider, HOUR, inBatches, isHeld, sentAnswers } from '../../support/hold.js';
import { replayed, runsOf } from '../../support/replay.js';
import { devServer, useTimeSkippingServer } from '../../support/temporal.js';

const env = await useTimeSkippingServer();

const full = toApplicationFailure(new QuotaExceededError('file_storage_bytes is full', { status: 429 }));

describe("onQuotaFull: 'wait'", () => {
  const options = { for: '5d', onQuotaFull: 'wait', uploadTimeout: '24h' } as const;

  it('in the first upload and in a renewal continues as new, and goes on under the same name', async () => {
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
      expect((await hold.status()).file).toEqual(file);
      provider.failWith = undefined;
      await env.sleep('11m');
      await hold.until(({ renewals }) => renewals === 1);
      expect(new Set(uploads.slice(before)).size).toBe(1);
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

it('2,500 callers that wait at once are all answered: Temporal allows 2,000 signals under way', async () => {
  const dev = await devServer();
  try {
    const upload = gate();
    const provider = await heldProvider(dev, {}, { upload: upload.pass });
    const hold = await provider.start({ for: '5d' });
    const runs = await provider.run(async () => {
      await upload.reached;
      await inBatches(2500, (n) => hold.acquire(`lease ${n}`, '1d', 'nobody'));
      await hold.until(({ leases }) => leases.length === 2501);
      upload.open();
      const { leases } = await hold.until((status) => status.leases.every(({ until }) => until !== null));
      expect(leases).toHaveLength(2501);
      const histories = async () => {
        const runs = await runsOf(dev.client, hold.holdId);
        const handles = runs.map((run) => dev.client.workflow.getHandle(hold.holdId, run));
        const fetched = await Promise.all(handles.map((handle) => handle.fetchHistory()));
        return fetched.map(({ events }) => events ?? []);
      };
      await expect
        .poll(async () => (await histories()).flatMap(sentAnswers).length, { timeout: 20_000, interval: 500 })
        .toBe(2500);
      const [, second] = await runsOf(dev.client, hold.holdId);
      await replayed(dev.client, hold.holdId, second);
      return histories();
    });
    const answered = runs.flatMap(sentAnswers);
    expect(new Set(answered.map(({ leaseId }) => leaseId)).size).toBe(2500);
    expect(new Set(answered.map(({ file }) => file?.id))).toEqual(new Set(provider.calls.uploads));
    // The first one has the signals, which come while the upload is under way.
    for (const events of runs.slice(1)) expect(events.length).toBeLessThan(2000);
  } finally {
    await dev.teardown();
  }
}, 90_000);
