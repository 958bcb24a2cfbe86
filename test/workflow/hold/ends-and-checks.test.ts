/** What a hold does after a check, and which answers its callers get when it ends. Runs on Temporal's time-skipping server. */

import { ApplicationFailure } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { describe, expect, it } from 'vitest';
import { fromWorkflowFailure } from '../../../src/client/failures.js';
import { gate } from '../../support/gate.js';
import { heldProvider, HOUR, isHeld, sentAnswers } from '../../support/hold.js';
import { replayed } from '../../support/replay.js';
import { useTimeSkippingServer } from '../../support/temporal.js';

const env = await useTimeSkippingServer();

/** A provider whose uploads wait at a gate, apart from the first. */
async function withHeldRenewal() {
  const renewal = gate();
  let uploads = 0;
  const upload = async () => {
    uploads += 1;
    if (uploads > 1) await renewal.pass();
  };
  return { provider: await heldProvider(env, {}, { upload }), renewal };
}

describe('a check', () => {
  it('that gets no answer proves nothing: the lease is given the same file', async () => {
    let checks = 0;
    const check = () => {
      checks += 1;
      return Promise.reject(ApplicationFailure.nonRetryable('API key expired', 'ProviderError'));
    };
    const provider = await heldProvider(env, {}, { check });
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      const { file } = await hold.until(isHeld);
      await env.sleep('2h');
      await hold.acquire('later', '1d');
      const { leases, ...status } = await hold.until((now) => now.leases[1]?.until != null);
      expect(status).toMatchObject({ phase: 'active', file, renewals: 0 });
      expect(leases).toHaveLength(2);
    });
    expect(checks).toBe(1);
    expect(provider.calls.uploads).toHaveLength(1);
  });

  it('comes before the answer to a lease that is acquired again, too', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      const { file: first, leases } = await hold.until(isHeld);
      await env.sleep('2h');
      const stored = provider.files.get(first?.id ?? '');
      if (stored) stored.deleted = true;
      await hold.acquire(leases[0]?.id ?? '', '5d');
      const { file } = await hold.until((now) => isHeld(now) && now.leases[0]?.until != null);
      expect(provider.calls.uploads).toEqual([first?.id, file?.id]);
    });
  });

  it('that finds the file FAILED leads to a new upload', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      const { file: first } = await hold.until(isHeld);
      const stored = provider.files.get(first?.id ?? '');
      if (stored) stored.state = 'FAILED';
      await hold.handle.signal('checkNow');
      const { file } = await hold.until(({ renewals }) => renewals === 1);
      expect(provider.calls.uploads).toEqual([first?.id, file?.id]);
    });
  });

  it('comes during a renewal too: a file that is denied is not handed out while the next one is uploaded', async () => {
    const { provider, renewal } = await withHeldRenewal();
    const hold = await provider.start({ for: '5d', renewBefore: '2h' });
    await provider.run(async () => {
      const { file: first } = await hold.until(isHeld);
      const stored = provider.files.get(first?.id ?? '');
      await env.sleep((stored?.expiresAt ?? 0) - 2 * HOUR - (await env.currentTimeMs()));
      await renewal.reached;
      if (stored) stored.denied = true;
      await hold.acquire('later', '1d');
      await hold.until(({ file }) => file === null);
      renewal.open();
      const { file } = await hold.until((now) => now.leases[1]?.until != null);
      expect(provider.calls.uploads).toEqual([first?.id, file?.id]);
    });
  });

  it('that finds nothing wrong during a renewal leaves the file usable meanwhile', async () => {
    const { provider, renewal } = await withHeldRenewal();
    const hold = await provider.start({ for: '5d', renewBefore: '2h' });
    await provider.run(async () => {
      const { file: first } = await hold.until(isHeld);
      const expiresAt = provider.files.get(first?.id ?? '')?.expiresAt ?? 0;
      await env.sleep(expiresAt - 2 * HOUR - (await env.currentTimeMs()));
      await renewal.reached;
      await hold.acquire('later', '1d');
      const { file } = await hold.until((now) => now.leases[1]?.until != null);
      expect(file?.id).toBe(first?.id);
      expect(provider.calls.checks).toEqual([first?.id]);
      renewal.open();
      await hold.until(({ renewals }) => renewals === 1);
    });
  });

  it('of a file that is replaced meanwhile is ignored: the new file is handed out at once', async () => {
    const renewal = gate();
    const check = gate();
    const provider = await heldProvider(
      env,
      {},
      {
        upload: () => (provider.calls.uploads.length > 1 ? renewal.pass() : Promise.resolve()),
        check: check.pass,
      },
    );
    const hold = await provider.start({ for: '5d', renewBefore: '2h' });
    await provider.run(async () => {
      const { file: first } = await hold.until(isHeld);
      const stored = provider.files.get(first?.id ?? '');
      await env.sleep((stored?.expiresAt ?? 0) - 2 * HOUR - (await env.currentTimeMs()));
      await renewal.reached;
      await hold.acquire('later', '1d');
      await check.reached;
      renewal.open();
      const { file: second } = await hold.until(({ leases }) => leases[1]?.until != null);
      expect(provider.calls.uploads).toEqual([first?.id, second?.id]);
      if (stored) stored.denied = true;
      check.open();
      await expect.poll(() => provider.calls.checks).toEqual([first?.id, first?.id]);
      for (const lease of ['first', 'later']) await hold.release(lease);
      expect(await hold.handle.result()).toMatchObject({ renewals: 1, cleanup: 'deleted' });
    });
    expect(provider.calls.uploads).toHaveLength(2);
  });

  it('after each of two renewals leaves two replaced files, each for its own time of grace', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d', grace: '1h' });
    await provider.run(async () => {
      for (const renewal of [1, 2]) {
        const { file } = await hold.until(isHeld);
        const stored = provider.files.get(file?.id ?? '');
        if (stored) stored.denied = true;
        await hold.handle.signal('checkNow');
        await hold.until(({ renewals }) => renewals === renewal);
        if (renewal === 1) await env.sleep(HOUR / 2);
      }
      const [first, second, third] = provider.calls.uploads;
      expect(provider.existing(await env.currentTimeMs())).toEqual([first, second, third]);
      await env.sleep(HOUR / 2 + 60_000);
      expect(provider.existing(await env.currentTimeMs())).toEqual([second, third]);
      await env.sleep(HOUR / 2);
      expect(provider.existing(await env.currentTimeMs())).toEqual([third]);
    });
  });
});

it('a file that is about to expire is not renewed without a lease: the hold ends, also while it lingers', async () => {
  const provider = await heldProvider(env);
  const hold = await provider.start({ for: '1h', linger: '48h' });
  await provider.run(async () => {
    const { file } = await hold.until(isHeld);
    const expiresAt = provider.files.get(file?.id ?? '')?.expiresAt ?? 0;
    await env.sleep(expiresAt - 120_000 - (await env.currentTimeMs()));
    expect(await hold.status()).toMatchObject({ phase: 'active', file, leases: [] });
    await env.sleep(110_000);
    expect(await hold.handle.result()).toEqual({ renewals: 0, leases: 1, cleanup: 'deleted' });
    expect((await hold.handle.describe()).closeTime?.getTime()).toBeLessThan(expiresAt);
  });
  expect(provider.calls.uploads).toHaveLength(1);
});

it('a file that cannot be used any more is uploaded again with the whole time of an upload, and not with half of what is left of it', async () => {
  const provider = await heldProvider(env);
  const hold = await provider.start({ for: '10d', uploadTimeout: '20m', renewBefore: '2m' });
  await provider.run(async () => {
    const { file } = await hold.until(isHeld);
    const stored = provider.files.get(file?.id ?? '');
    await env.sleep((stored?.expiresAt ?? 0) - 4 * 60_000 - (await env.currentTimeMs()));
    if (stored) stored.denied = true;
    await hold.handle.signal('checkNow');
    await hold.until(({ renewals }) => renewals === 1);
  });
  const times = (await replayed(env.client, hold.holdId)).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === 'geminiFilesUpload' ? [tsToMs(scheduled.scheduleToCloseTimeout)] : [],
  );
  expect(times).toEqual([20 * 60_000, 20 * 60_000]);
});

it('a file that was not ACTIVE in time is deleted, also with cleanupOnTimeout: false: no caller would know of it', async () => {
  const provider = await heldProvider(env);
  provider.uploaded = 'PROCESSING';
  const hold = await provider.start({ for: '5d', timeout: '10s', cleanupOnTimeout: false });
  const error = await provider.run(async () => hold.handle.result().catch(fromWorkflowFailure));
  expect(error).toMatchObject({ name: 'UploadInactiveError', cleanup: 'deleted' });
  expect(provider.calls.uploads).toHaveLength(1);
  expect(provider.existing(await env.currentTimeMs())).toEqual([]);
});

describe('a caller', () => {
  it('that is the hold itself is not answered', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      await hold.until(isHeld);
      await hold.acquire('own', '1d', hold.holdId);
      await hold.until(({ leases }) => leases.length === 2);
      for (const lease of ['own', 'first']) await hold.release(lease);
      await hold.handle.result();
      expect(sentAnswers(await replayed(env.client, hold.holdId))).toEqual([]);
    });
  });

  it('that comes while a hold that has failed deletes its file gets the failure', async () => {
    const remove = gate();
    const provider = await heldProvider(env, {}, { delete: remove.pass });
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      const { file } = await hold.until(isHeld);
      const expiresAt = provider.files.get(file?.id ?? '')?.expiresAt ?? 0;
      provider.failWith = ApplicationFailure.nonRetryable('no such file', 'FileNotFoundError');
      await env.sleep(expiresAt + 1000 - (await env.currentTimeMs()));
      await remove.reached;
      expect(await hold.status()).toMatchObject({ phase: 'ending' });
      await hold.acquire('late', '1d', 'a-caller');
      remove.open();
      await hold.handle.result().catch(() => undefined);
      expect((await hold.handle.describe()).status.name).toBe('FAILED');
      expect(sentAnswers(await replayed(env.client, hold.holdId))).toMatchObject([
        { leaseId: 'late', failure: { type: 'FileNotFoundError', message: 'no such file' } },
      ]);
    });
  });

  it('whose lease ends while a new file is uploaded for it is told so', async () => {
    const upload = gate();
    let uploads = 0;
    const provider = await heldProvider(
      env,
      {},
      { upload: () => ((uploads += 1) === 1 ? Promise.resolve() : upload.pass()) },
    );
    const hold = await provider.start({ for: '1h' });
    await provider.run(async () => {
      const { file, leases } = await hold.until(isHeld);
      const stored = provider.files.get(file?.id ?? '');
      if (stored) stored.denied = true;
      // The second denial comes two seconds later.
      await env.sleep(Date.parse(leases[0]?.until ?? '') - 5000 - (await env.currentTimeMs()));
      await hold.acquire('first', '1s', 'a-caller');
      await upload.reached;
      await hold.until(({ phase }) => phase === 'ending');
      upload.open();
      expect(await hold.handle.result()).toMatchObject({ leases: 1, cleanup: 'deleted' });
      expect(sentAnswers(await replayed(env.client, hold.holdId))).toMatchObject([
        { leaseId: 'first', failure: { type: 'UploadFailedError', message: 'The lease is over' } },
      ]);
    });
    expect(provider.existing(await env.currentTimeMs())).toEqual([]);
  });
});

it('a file that could not be deleted is reported also by the hold that follows for a late lease', async () => {
  const remove = gate();
  const failing = async () => {
    if (provider.calls.deletes.length > 1) return;
    await remove.pass();
    throw ApplicationFailure.nonRetryable('not now', 'ProviderError');
  };
  const provider = await heldProvider(env, {}, { delete: failing });
  const hold = await provider.start({ for: '5d' });
  await provider.run(async () => {
    const { file: first } = await hold.until(isHeld);
    await hold.release('first');
    await remove.reached;
    await hold.acquire('late', '1d');
    remove.open();
    const { file: second } = await hold.until(
      ({ leases }) => leases[0]?.until != null && leases[0].id === 'late',
    );
    await hold.release('late');
    expect(await hold.handle.result()).toEqual({ renewals: 0, leases: 1, cleanup: 'failed' });
    expect(provider.calls.deletes).toEqual([first?.id, second?.id]);
  });
});
