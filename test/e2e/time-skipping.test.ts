/** A user's test on Temporal's time-skipping server, with an emulator that follows its time (docs/testing.md). */

import { describe, expect, it } from 'vitest';
import { useTestFolder } from '../support/files.js';
import { scenario } from '../support/scenario.js';
import { useTimeSkippingServer } from '../support/temporal.js';
import { stopwatch } from '../support/stopwatch.js';

const env = await useTimeSkippingServer();
const folder = await useTestFolder();
const clip = await folder.file('clip.mp4', 1000);

it.each(['3s', '40m'] as const)(
  'a file that is PROCESSING for %s becomes ACTIVE after that time',
  async (processing) => {
    const time = () => env.currentTimeMs();
    await using at = await scenario(env, folder, { outcome: 'ACTIVE', processing, time });
    const elapsed = stopwatch();
    const file = await at.run(() => at.client.uploadAndWaitActive(clip.path, { timeout: '1h' }));
    expect(file.state).toBe('ACTIVE');
    const ms = processing === '3s' ? 3_000 : 2_400_000;
    expect(file.waitedMs).toBeGreaterThanOrEqual(ms);
    expect(file.waitedMs).toBeLessThan(ms + 15_000);
    expect(elapsed()).toBeLessThan(30_000);
  },
);

it('a file that takes longer than the timeout is not ACTIVE in time, and is deleted', async () => {
  const time = () => env.currentTimeMs();
  await using at = await scenario(env, folder, { outcome: 'ACTIVE', processing: '10m', time });
  const ending = at.run(() => at.client.uploadAndWaitActive(clip.path));
  await expect(ending).rejects.toMatchObject({ name: 'UploadInactiveError', cleanup: 'deleted' });
  expect(at.emulator.files.size).toBe(0);
});

describe("without `time`, the machine's time counts, as the documentation says", () => {
  it('a file that takes longer than all checks is not ACTIVE in time', async () => {
    await using at = await scenario(env, folder, { outcome: 'ACTIVE', processing: '5m' });
    const elapsed = stopwatch();
    const ending = at.run(() => at.client.uploadAndWaitActive(clip.path));
    await expect(ending).rejects.toMatchObject({ name: 'UploadInactiveError', cleanup: 'deleted' });
    expect(elapsed()).toBeLessThan(60_000);
  });

  it('a file that takes less than one slow check becomes ACTIVE, however much time the wait has skipped', async () => {
    const faults = [{ on: 'get', do: 'delay', ms: 2000 } as const];
    await using at = await scenario(env, folder, { outcome: 'ACTIVE', processing: '1500ms', faults });
    const file = await at.run(() =>
      at.client.uploadAndWaitActive(clip.path, { pollInterval: '50s', maxPollInterval: '50s' }),
    );
    expect(file).toMatchObject({ state: 'ACTIVE' });
    expect(file.polls).toBeLessThanOrEqual(2);
    expect(file.waitedMs).toBeGreaterThanOrEqual(49_000);
  });
});
