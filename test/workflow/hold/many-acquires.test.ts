/**
 * A hold that continues as new under a flood of signals. On the dev server: on the time-skipping server, now and then a workflow gets no
 * task any more after such a flood.
 */

import { expect, it } from 'vitest';
import { heldProvider, inBatches, isHeld, type Hold, type HeldProvider } from '../../support/hold.js';
import { replayed, runsOf } from '../../support/replay.js';
import { useSharedDevServer } from '../../support/temporal.js';

const env = await useSharedDevServer();

const COUNT = 1000;

const flood = (hold: Hold, name: string) => inBatches(COUNT, (n) => hold.acquire(`${name} ${n}`, '5d'));

/** The provider denies the file, and the hold looks: it needs another one. */
async function deny(hold: Hold, { files }: HeldProvider): Promise<void> {
  const { file } = await hold.until(isHeld);
  const stored = files.get(file?.id ?? '');
  if (stored) stored.denied = true;
  await hold.handle.signal('checkNow');
}

async function replayAll({ holdId }: Hold): Promise<number> {
  const runs = await runsOf(env.client, holdId);
  for (const run of runs) expect((await replayed(env.client, holdId, run)).length).toBeLessThan(2000);
  return runs.length;
}

it('loses no lease and no file', async () => {
  const provider = await heldProvider(env);
  const hold = await provider.start({ for: '5d', grace: '1h' });
  await provider.run(async () => {
    // A replaced file is handed on too.
    await deny(hold, provider);
    await hold.until(({ renewals }) => renewals === 1);
    await flood(hold, 'lease');
    const { leases, file } = await hold.until((status) => status.leases.length === COUNT + 1);
    expect(new Set(leases.map(({ id }) => id)).size).toBe(COUNT + 1);
    expect(provider.calls.uploads).toHaveLength(2);
    expect(file?.id).toBe(provider.calls.uploads[1]);
    expect(provider.existing(Date.now())).toHaveLength(2);
    expect(await replayAll(hold)).toBeGreaterThan(1);
    await inBatches(leases.length, (n) => hold.release(leases[n]?.id ?? ''));
    expect(await hold.handle.result()).toEqual({ renewals: 1, leases: COUNT + 1, cleanup: 'deleted' });
  });
  expect(provider.existing(Date.now())).toEqual([]);
});

it('does so in the middle of a long wait, of the first upload and of a renewal', async () => {
  const provider = await heldProvider(env);
  provider.uploaded = 'PROCESSING';
  const hold = await provider.start({ for: '5d', timeout: '5h', pollInterval: '1h', maxPollInterval: '1h' });
  const isReady = async () => {
    for (const file of provider.files.values()) file.state = 'ACTIVE';
    await hold.handle.signal('checkNow');
  };
  await provider.run(async () => {
    await hold.until(({ phase }) => phase === 'processing');
    await flood(hold, 'a');
    await hold.until(({ leases }) => leases.length === COUNT + 1);
    await expect.poll(async () => (await runsOf(env.client, hold.holdId)).length).toBe(2);
    await isReady();
    await deny(hold, provider);
    await hold.until(({ phase }) => phase === 'renewing');
    await flood(hold, 'b');
    await hold.until(({ leases }) => leases.length === 2 * COUNT + 1);
    await expect.poll(async () => (await runsOf(env.client, hold.holdId)).length).toBe(3);
    await isReady();
    await hold.until(({ renewals }) => renewals === 1);
    expect(provider.calls.uploads).toHaveLength(2);
    await replayAll(hold);
    await hold.handle.cancel();
    await expect(hold.handle.result()).rejects.toThrow();
  });
  expect(provider.existing(Date.now())).toEqual([]);
});
