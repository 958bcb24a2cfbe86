/** A hold of a month, on Temporal's time-skipping server. `FUZZ_SEED` repeats a run. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { heldProvider, HOUR, isHeld } from '../../support/hold.js';
import { SEED } from '../../fuzz/fuzz.js';
import { replayed, runsOf } from '../../support/replay.js';
import { useTimeSkippingServer } from '../../support/temporal.js';

const env = await useTimeSkippingServer();

const INSTANTS = 1000;

it('a hold of 30 days is renewed 15 times; at 1,000 random instants its file is ACTIVE and has more than a minute left', async () => {
  const provider = await heldProvider(env);
  // Each renewal lasts, so that instants fall into it.
  provider.uploaded = 'PROCESSING';
  provider.processing = HOUR;
  const hold = await provider.start({ for: '30d', timeout: '90m', maxPollInterval: '10m' });
  const phases = new Set<string>();
  const result = await provider.run(async () => {
    await hold.until(({ phase }) => phase === 'processing');
    await env.sleep(HOUR + 11 * 60_000);
    const { leases } = await hold.until(isHeld);
    const end = Date.parse(leases[0]?.until ?? '');
    const start = await env.currentTimeMs();
    const instants = fc.sample(fc.noBias(fc.integer({ min: start, max: end - 60_000 })), {
      seed: SEED,
      numRuns: INSTANTS,
    });
    for (const instant of instants.sort((a, b) => a - b)) {
      const at = `${new Date(instant).toISOString()}, FUZZ_SEED=${SEED}`;
      await env.sleep(Math.max(1, instant - (await env.currentTimeMs())));
      const { file, phase } = await hold.status();
      const stored = provider.files.get(file?.id ?? '');
      const now = await env.currentTimeMs();
      expect({ deleted: stored?.deleted, state: stored && provider.stateOf(stored, now) }, at).toEqual({
        deleted: false,
        state: 'ACTIVE',
      });
      expect((stored?.expiresAt ?? 0) - now, at).toBeGreaterThan(60_000);
      phases.add(phase);
    }
    await env.sleep(end + HOUR - (await env.currentTimeMs()));
    return hold.handle.result();
  });
  expect(phases).toEqual(new Set(['active', 'renewing']));
  // 30 days of 46 hours each.
  expect(result).toEqual({ renewals: 15, leases: 1, cleanup: 'deleted' });
  expect(provider.calls.uploads).toHaveLength(16);
  expect([...provider.files.values()].every(({ deleted }) => deleted)).toBe(true);
  for (const run of await runsOf(env.client, hold.holdId))
    expect((await replayed(env.client, hold.holdId, run)).length).toBeLessThan(2000);
});
