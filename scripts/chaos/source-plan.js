/** Which files come from an https host, and what this host does to them, from the same seed. */
import { seeded } from './random.js';

const MIB = 1024 * 1024;

/**
 * A third of the runs get a `source`: `{validator, ranges, faults, change?}`. Each fault meets one request. With `change`, the host has
 * another version of the file once it has sent `afterBytes`.
 *
 * @param runs - of the base plan, or holds
 */
export function withSources(runs, seed) {
  const random = seeded(seed ^ 0x50c0);
  return runs.map((run) => {
    const source = makeSource(random, run.sizeBytes);
    return random.chance(1 / 3) ? { ...run, source } : run;
  });
}

function makeSource(random, sizeBytes) {
  const afterBytes = random.between(1, sizeBytes);
  const moreBytes = random.chance(0.7) ? 0 : random.between(1, 1000);
  return {
    validator: random.pick(['strong', 'strong', 'weak', 'none']),
    ranges: random.chance(0.8),
    faults: Array.from({ length: random.between(0, 4) }, () => makeFault(random)),
    ...(random.chance(0.2) && { change: { afterBytes, sizeBytes: sizeBytes + moreBytes } }),
  };
}

function makeFault(random) {
  const afterBytes = random.pick([random.between(0, 64 * 1024), random.between(1, 8 * MIB)]);
  return random.pick([
    { do: 'break', afterBytes },
    { do: 'break', afterBytes },
    { do: 'reset' },
    { do: 'answer503' },
    { do: 'answer503', headers: { 'retry-after': '1' } },
    { do: 'delay', ms: random.between(50, 1500) },
  ]);
}
