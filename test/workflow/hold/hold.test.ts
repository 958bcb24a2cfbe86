/** What becomes of a hold, its file and its leases, on Temporal's time-skipping server. */

import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { fromWorkflowFailure } from '../../../src/client/failures.js';
import { gate } from '../../support/gate.js';
import { attachHold, heldProvider, HOUR, isHeld, sentAnswers, type Hold } from '../../support/hold.js';
import { replayed, runsOf, summaries } from '../../support/replay.js';
import { MODES } from '../../support/scenario.js';
import { useTimeSkippingServer } from '../../support/temporal.js';

const env = await useTimeSkippingServer();

const outage = ApplicationFailure.nonRetryable('no such file: clip.mp4', 'FileNotFoundError', {
  provider: 'google',
});

const failure = ({ handle }: Hold) =>
  handle.result().then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => fromWorkflowFailure(error),
  );

describe.each(MODES)('%s', (_, mode) => {
  it('is held from ACTIVE on, until its last lease is released', async () => {
    const provider = await heldProvider(env, mode);
    const hold = await provider.start({ for: '5d', leaseId: 'mine' });
    const { held, both, result } = await provider.run(async () => {
      const held = await hold.until(isHeld);
      await hold.acquire('other', '1d');
      const both = await hold.until(({ leases }) => leases.length === 2);
      await hold.release('nobody');
      await hold.release('mine');
      await hold.until(({ leases }) => leases.length === 1);
      await hold.release('other');
      return { held, both, result: await hold.handle.result() };
    });
    expect(held).toMatchObject({ phase: 'active', renewals: 0, lastError: null });
    expect(held.file).toMatchObject({ id: provider.calls.uploads[0], state: 'ACTIVE', provider: 'google' });
    expect(held.leases).toEqual([{ id: 'mine', until: expect.any(String) as string }]);
    expect(both.leases.map(({ id }) => id)).toEqual(['mine', 'other']);
    expect(result).toEqual({ renewals: 0, leases: 2, cleanup: 'deleted' });
    expect(provider.calls).toMatchObject({ uploads: { length: 1 }, deletes: provider.calls.uploads });
    await replayed(env.client, hold.holdId);
  });

  it('renews the file two hours before it expires, and deletes the old one ten minutes later', async () => {
    const provider = await heldProvider(env, mode);
    const hold = await provider.start({ for: '5d' });
    const events = await provider.run(async () => {
      const { file: first } = await hold.until(isHeld);
      await env.sleep(46 * HOUR - 60_000);
      expect((await hold.status()).file).toEqual(first);
      await env.sleep(2 * 60_000);
      const { file: second } = await hold.until(({ renewals }) => renewals === 1);
      expect(provider.calls.uploads).toEqual([first?.id, second?.id]);
      expect(provider.existing(await env.currentTimeMs())).toEqual([first?.id, second?.id]);
      await env.sleep(10 * 60_000);
      expect(provider.existing(await env.currentTimeMs())).toEqual([second?.id]);
      await hold.release('first');
      expect(await hold.handle.result()).toEqual({ renewals: 1, leases: 1, cleanup: 'deleted' });
      return replayed(env.client, hold.holdId);
    });
    expect(new Set(summaries(events))).toEqual(
      new Set([
        'upload clip.mp4',
        'until the renewal',
        'until the file is about to expire',
        'until the replaced file is deleted',
        'clean-up',
      ]),
    );
  });
});

it('shows leases and the next renewal in the Web UI', async () => {
  const provider = await heldProvider(env);
  const hold = await provider.start({ for: '5d', leaseId: 'a `lease`' });
  await provider.run(async () => {
    await hold.until(isHeld);
    const metadata = await hold.handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toMatch(
      /^\*\*active\*\* `files\/.+`\n\n- expires: .* UTC\n- next renewal: .* UTC\n- renewals: 0\n- leases: 1\n- lease "a `lease`" until .* UTC$/,
    );
    await hold.release('a `lease`');
    await hold.handle.result();
  });
});

it('keeps the file for the time that it lingers, and a lease that is acquired then needs no upload', async () => {
  const provider = await heldProvider(env);
  const hold = await provider.start({ for: '1h', linger: '1h' });
  await provider.run(async () => {
    await hold.until(isHeld);
    await env.sleep(1.5 * HOUR);
    expect(await hold.status()).toMatchObject({ phase: 'active', leases: [] });
    await hold.acquire('late', '2h');
    await hold.until(({ leases }) => leases.length === 1);
    await env.sleep(2.5 * HOUR);
    expect(await hold.status()).toMatchObject({ phase: 'active', leases: [] });
    await env.sleep(HOUR);
    expect(await hold.handle.result()).toEqual({ renewals: 0, leases: 2, cleanup: 'deleted' });
  });
  expect(provider.calls.uploads).toHaveLength(1);
});

it('gives up the upload that nobody waits for any more', async () => {
  const upload = gate();
  const provider = await heldProvider(env, {}, { upload: upload.pass });
  const hold = await provider.start({ for: '1h' });
  await provider.run(async () => {
    await upload.reached;
    expect(await hold.status()).toMatchObject({
      phase: 'uploading',
      file: null,
      leases: [{ id: 'first', until: null }],
    });
    await hold.release('first');
    await hold.until(({ phase }) => phase === 'ending');
    upload.open();
    expect(await hold.handle.result()).toEqual({ renewals: 0, leases: 1, cleanup: 'deleted' });
  });
  expect(provider.existing(await env.currentTimeMs())).toEqual([]);
});

it('fails with the failure of the first upload, and so does each lease that waits', async () => {
  const upload = gate();
  const provider = await heldProvider(env, {}, { upload: upload.pass });
  const hold = await provider.start({ for: '1h' });
  const { error, events } = await provider.run(async () => {
    await upload.reached;
    await hold.acquire('waits', '1h', 'a-caller');
    provider.failWith = outage;
    upload.open();
    return { error: await failure(hold), events: await replayed(env.client, hold.holdId) };
  });
  expect(error).toMatchObject({ name: 'FileNotFoundError', message: 'no such file: clip.mp4' });
  expect(sentAnswers(events)).toEqual([
    {
      holdId: hold.holdId,
      leaseId: 'waits',
      failure: {
        type: 'FileNotFoundError',
        message: 'no such file: clip.mp4',
        details: { provider: 'google', polls: 0 },
      },
    },
  ]);
});

describe('a renewal that fails', () => {
  it('because the source is missing is tried again with growing delays, and is visible meanwhile', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      const { file } = await hold.until(isHeld);
      provider.failWith = outage;
      await env.sleep(46 * HOUR + 1800_000);
      const { lastError, ...failing } = await hold.status();
      expect(failing).toMatchObject({ phase: 'renewing', file, renewals: 0 });
      expect(lastError).toEqual({ type: 'FileNotFoundError', message: 'no such file: clip.mp4' });
      // 2 s, 4 s, … up to ten minutes.
      expect(provider.calls.uploads.length).toBeGreaterThan(8);
      expect(provider.calls.uploads.length).toBeLessThan(14);
      // It is back.
      provider.failWith = undefined;
      await env.sleep(11 * 60_000);
      const back = await hold.until(({ renewals }) => renewals === 1);
      expect(back).toMatchObject({ phase: 'active', lastError: null });
      await hold.release('first');
      await hold.handle.result();
    });
  });

  it('until the old file expires ends the hold with its failure', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      const { file } = await hold.until(isHeld);
      const expiresAt = provider.files.get(file?.id ?? '')?.expiresAt ?? 0;
      provider.failWith = outage;
      await env.sleep(expiresAt - 30_000 - (await env.currentTimeMs()));
      // It has less than a minute left.
      expect(await hold.status()).toMatchObject({ phase: 'renewing', file: null });
      await hold.acquire('waits', '1h', 'a-caller');
      await env.sleep(60_000);
      expect(await failure(hold)).toMatchObject({ name: 'FileNotFoundError' });
      const end = (await hold.handle.describe()).closeTime?.getTime();
      expect(end).toBeGreaterThanOrEqual(expiresAt);
      expect(end).toBeLessThan(expiresAt + 60_000);
      expect(sentAnswers(await replayed(env.client, hold.holdId))).toMatchObject([
        { leaseId: 'waits', failure: { type: 'FileNotFoundError' } },
      ]);
    });
  });

  it('because the content changed deletes what it uploaded, and succeeds once the content is back', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      const { file } = await hold.until(isHeld);
      provider.sha256 = 'cd'.repeat(32);
      await env.sleep(46 * HOUR + 60_000);
      const changed = await hold.until(({ lastError }) => lastError !== null);
      expect(changed).toMatchObject({ phase: 'renewing', file, lastError: { type: 'FileChangedError' } });
      provider.sha256 = 'ab'.repeat(32);
      // The next attempt can be a minute away.
      await hold.handle.signal('checkNow');
      await hold.until(({ renewals }) => renewals === 1);
      await env.sleep(11 * 60_000);
      const [last] = provider.calls.uploads.slice(-1);
      expect(provider.existing(await env.currentTimeMs())).toEqual([last]);
      await hold.release('first');
      await hold.handle.result();
    });
  });
});

describe('a signal', () => {
  it('that comes before the first task takes effect in its order', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    await hold.acquire('again', '1d');
    await hold.release('again');
    await hold.release('first');
    await hold.acquire('again', '1h');
    await hold.handle.signal('checkNow');
    await hold.acquire('over', '1d');
    await hold.release('over');
    await provider.run(async () => {
      const { leases } = await hold.until(isHeld);
      expect(leases.map(({ id }) => id)).toEqual(['again']);
      const left = Date.parse(leases[0]?.until ?? '') - (await env.currentTimeMs());
      expect(left).toBeLessThanOrEqual(HOUR);
      await hold.release('again');
      expect(await hold.handle.result()).toEqual({ renewals: 0, leases: 4, cleanup: 'deleted' });
      await replayed(env.client, hold.holdId);
    });
  });

  it('of a name that a hold does not know is ignored', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    for (const name of ['constructor', 'other']) await hold.handle.signal(name, { leaseId: 'first' });
    await provider.run(async () => {
      expect((await hold.until(isHeld)).leases).toHaveLength(1);
    });
  });
});

describe('the result says that a file is left', () => {
  const refused = () => Promise.reject(ApplicationFailure.nonRetryable('no', 'ProviderError'));

  it('by a renewal that failed', async () => {
    let remove = refused;
    const provider = await heldProvider(env, {}, { delete: () => remove() });
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      await hold.until(isHeld);
      provider.uploaded = 'FAILED';
      await env.sleep(46 * HOUR + 60_000);
      await hold.until(({ lastError }) => lastError?.type === 'UploadFailedError');
      remove = () => Promise.resolve() as Promise<never>;
      await hold.release('first');
      expect(await hold.handle.result()).toEqual({ renewals: 0, leases: 1, cleanup: 'failed' });
    });
  });

  it('by a renewal that was given up', async () => {
    const upload = gate();
    let uploads = 0;
    let deletes = 0;
    const provider = await heldProvider(
      env,
      {},
      {
        upload: () => ((uploads += 1) === 1 ? Promise.resolve() : upload.pass()),
        delete: () => ((deletes += 1) === 1 ? refused() : Promise.resolve()),
      },
    );
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      await hold.until(isHeld);
      await env.sleep(46 * HOUR + 1000);
      await upload.reached;
      await hold.release('first');
      await hold.until(({ phase }) => phase === 'ending');
      provider.failWith = ApplicationFailure.nonRetryable('cut off', 'UploadFailedError');
      upload.open();
      expect(await hold.handle.result()).toEqual({ renewals: 0, leases: 1, cleanup: 'failed' });
    });
  });
});

describe('an acquire', () => {
  it('during a renewal is answered with the old file', async () => {
    const upload = gate();
    let uploads = 0;
    const provider = await heldProvider(
      env,
      {},
      { upload: () => ((uploads += 1) === 1 ? Promise.resolve() : upload.pass()) },
    );
    const hold = await provider.start({ for: '5d' });
    const events = await provider.run(async () => {
      await hold.until(isHeld);
      // The stub does not heartbeat: no more time may pass.
      await env.sleep(46 * HOUR + 1000);
      await upload.reached;
      await hold.acquire('meanwhile', '1d', 'a-caller');
      const { leases, phase } = await hold.until((status) => status.leases[1]?.until != null);
      expect(leases).toHaveLength(2);
      expect(phase).toBe('renewing');
      upload.open();
      await hold.until(({ renewals }) => renewals === 1);
      for (const lease of ['first', 'meanwhile']) await hold.release(lease);
      await hold.handle.result();
      return replayed(env.client, hold.holdId);
    });
    expect(sentAnswers(events)).toMatchObject([
      { leaseId: 'meanwhile', file: { id: provider.calls.uploads[0] } },
    ]);
    expect(provider.calls.uploads).toHaveLength(2);
  });

  it('while the hold deletes its file after the last release gets a new hold', async () => {
    const remove = gate();
    const provider = await heldProvider(env, {}, { delete: remove.pass });
    const hold = await provider.start({ for: '5d' });
    const runs = await provider.run(async () => {
      const { file: first } = await hold.until(isHeld);
      await hold.release('first');
      await remove.reached;
      expect((await hold.status()).phase).toBe('ending');
      await hold.acquire('late', '1d', 'a-caller');
      await hold.acquire('later', '1d');
      await hold.release('later');
      remove.open();
      const { file, leases } = await hold.until(
        (status) => status.file !== null && status.file.id !== first?.id,
      );
      expect(leases.map(({ id }) => id)).toEqual(['late']);
      expect(provider.existing(await env.currentTimeMs())).toEqual([file?.id]);
      await hold.release('late');
      expect(await hold.handle.result()).toEqual({ renewals: 0, leases: 2, cleanup: 'deleted' });
      return runsOf(env.client, hold.holdId);
    });
    expect(runs).toHaveLength(2);
    expect(sentAnswers(await replayed(env.client, hold.holdId, runs[1]))).toMatchObject([
      { leaseId: 'late', file: { id: provider.calls.uploads[1] } },
    ]);
  });

  it('finds that the provider denies the file, and one new upload serves all', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      const { file: first } = await hold.until(isHeld);
      await env.sleep('2h');
      const stored = provider.files.get(first?.id ?? '');
      if (stored) stored.denied = true;
      for (let n = 0; n < 5; n += 1) await hold.acquire(`lease ${n}`, '1d', 'a-caller');
      const { file, renewals } = await hold.until((status) =>
        status.leases.every(({ until }) => until !== null),
      );
      expect(renewals).toBe(1);
      expect(provider.calls.uploads).toEqual([first?.id, file?.id]);
      const sent = sentAnswers(await replayed(env.client, hold.holdId));
      expect(sent.map((answer) => answer.file?.id)).toEqual(Array(5).fill(file?.id));
      await hold.handle.cancel();
      await failure(hold);
    });
    expect(provider.existing(await env.currentTimeMs())).toEqual([]);
  });

  it('of a time that a hold does not give is refused, and the caller is told', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      await hold.until(isHeld);
      await hold.acquire('too long', '31d', 'a-caller');
      await hold.acquire('fine', '1d');
      const { leases } = await hold.until((status) => status.leases.length > 1);
      expect(leases.map(({ id }) => id)).toEqual(['first', 'fine']);
      for (const { id } of leases) await hold.release(id);
      await hold.handle.result();
      expect(sentAnswers(await replayed(env.client, hold.holdId))).toMatchObject([
        { leaseId: 'too long', failure: { type: 'InvalidOptionsError' } },
      ]);
    });
  });

  it('that cannot be read is ignored', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      for (const given of [undefined, null, 7, 'a', {}, { leaseId: '' }, { leaseId: 'a', for: -1 }])
        for (const signal of ['acquireHold', 'releaseHold']) await hold.handle.signal(signal, given);
      await hold.acquire('a', '1d');
      const { leases } = await hold.until((status) => status.leases.length > 1 && isHeld(status));
      expect(leases.map(({ id }) => id)).toEqual(['first', 'a']);
      for (const { id } of leases) await hold.release(id);
      await hold.handle.result();
    });
  });
});

describe('a cancellation', () => {
  it('deletes the file, the replaced one too, and tells who waits', async () => {
    const provider = await heldProvider(env);
    const hold = await provider.start({ for: '5d' });
    const { status } = await provider.run(async () => {
      await hold.until(isHeld);
      await env.sleep(46 * HOUR + 60_000);
      await hold.until(({ renewals }) => renewals === 1);
      expect(provider.existing(await env.currentTimeMs())).toHaveLength(2);
      await hold.handle.cancel();
      await failure(hold);
      await replayed(env.client, hold.holdId);
      return hold.handle.describe();
    });
    expect(status.name).toBe('CANCELLED');
    expect(provider.existing(await env.currentTimeMs())).toEqual([]);
  });

  it('during the upload ends it, and tells the lease that waits', async () => {
    const upload = gate();
    const provider = await heldProvider(env, {}, { upload: upload.pass });
    const hold = await provider.start({ for: '5d' });
    await provider.run(async () => {
      await upload.reached;
      await hold.acquire('waits', '1h', 'a-caller');
      await hold.until(({ leases }) => leases.length === 2);
      await hold.handle.cancel();
      await hold.until(({ phase }) => phase === 'ending');
      upload.open();
      await failure(hold);
      expect(sentAnswers(await replayed(env.client, hold.holdId))).toMatchObject([
        { leaseId: 'waits', failure: { type: 'CancelledFailure' } },
      ]);
    });
    expect(provider.existing(await env.currentTimeMs())).toEqual([]);
  });
});

it('ignores what a client gives as carried', async () => {
  const provider = await heldProvider(env);
  const { holdId } = await provider.start({ for: '1h' });
  const carried = { runId: 'x', book: { leases: [], waiting: [], total: 7 } };
  const workflowId = `${holdId}-carried`;
  await env.client.workflow.start('holdActiveFile', {
    taskQueue: provider.taskQueue,
    workflowId,
    args: [{ path: 'clip.mp4', for: '1h' }, carried],
  });
  await provider.run(async () => {
    for (const id of [workflowId, holdId]) await attachHold(env, id).until(isHeld);
    await env.sleep(1.1 * HOUR);
    expect(await attachHold(env, workflowId).handle.result()).toMatchObject({ leases: 1 });
    await attachHold(env, holdId).handle.result();
  });
});
