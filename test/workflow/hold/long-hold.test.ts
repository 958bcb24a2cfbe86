/** Holds of days and weeks, on Temporal's time-skipping server. */

import { expect, it } from 'vitest';
import { heldProvider, HOUR, isHeld, startHold } from '../../support/hold.js';
import { replayed, runsOf } from '../../support/replay.js';
import { useTimeSkippingServer } from '../../support/temporal.js';

const env = await useTimeSkippingServer();

it('a hold of 30 days is renewed 15 times; at random instants its file is ACTIVE and has more than a minute left', async () => {
  const provider = await heldProvider(env);
  const hold = await startHold(env, provider.taskQueue, { for: '30d' });
  const { result, instants } = await provider.worker.runUntil(async () => {
    const { leases } = await hold.until(isHeld);
    const end = Date.parse(leases[0]?.until ?? '');
    let instants = 0;
    for (;;) {
      await env.sleep(Math.random() * 6 * HOUR);
      const now = await env.currentTimeMs();
      if (now > end - 6 * HOUR) break;
      const { file } = await hold.until(isHeld);
      const stored = provider.files.get(file?.id ?? '');
      expect(stored).toMatchObject({ deleted: false, state: 'ACTIVE' });
      expect((stored?.expiresAt ?? 0) - (await env.currentTimeMs())).toBeGreaterThan(60_000);
      instants += 1;
    }
    return { result: await hold.handle.result(), instants };
  });
  expect(instants).toBeGreaterThan(150);
  // 30 days of 46 hours each.
  expect(result).toEqual({ renewals: 15, leases: 1, cleanup: 'deleted' });
  expect(provider.calls.uploads).toHaveLength(16);
  expect([...provider.files.values()].every(({ deleted }) => deleted)).toBe(true);
  const [run, ...more] = await runsOf(env.client, hold.holdId);
  expect(more).toEqual([]);
  expect((await replayed(env.client, hold.holdId, run)).length).toBeLessThan(2000);
}, 120_000);
