/** What the holds of a run will do, from the same seed: their files, their leases, and what is done with each lease and when. */
import { seeded } from './random.js';

const MIB = 1024 * 1024;
const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** How long the emulator keeps a file: the longest `renewBefore`, so that each renewal comes seconds after the file. */
export const RETENTION_MS = 24 * HOUR;

const HOLD_ID = 'chaos-h';

/** Whether a workflow id is that of a hold. */
export const isHold = (workflowId) => workflowId.startsWith(HOLD_ID);

/** Whether a file at the provider is that of a hold. */
export const isOfHold = ({ displayName }) => displayName.split('-')[2].startsWith('h');

/** A lease that outlasts every run. */
const LONG_MS = HOUR;

/**
 * @returns runs with their leases: `steps` are in the order of time, `{afterMs, do, forMs?, via?}`, from the begin of the hold. A lease
 *   that is not released lasts to the end if it is long
 */
export function planHolds({ holds, seed, spanMs }) {
  const random = seeded(seed ^ 0x401d);
  return Array.from({ length: holds }, (_, number) => makeHold(random, number, spanMs));
}

function makeHold(random, number, spanMs) {
  // A file that is ACTIVE later than that, because workers were cut off, is renewed at half of its time, so never in a run: the longest of
  // these times are beyond such delays. In a short run too, there is time for renewals.
  const maxRenewMs = Math.round(Math.min(110 * SECOND, Math.max(5 * SECOND, spanMs / 3)));
  return {
    index: `h${number}`,
    holdId: `${HOLD_ID}${number}`,
    atMs: random.between(0, Math.round(spanMs * 0.6)),
    fate: random.chance(0.92) ? 'active' : 'failed',
    processingMs: random.between(0, 1500),
    sizeBytes: random.chance(0.1) ? random.between(MIB, 12 * MIB) : random.between(1, 256 * 1024),
    timeoutMs: 120_000,
    renewBeforeMs: RETENTION_MS - random.between(Math.min(20 * SECOND, maxRenewMs - SECOND), maxRenewMs),
    graceMs: random.between(500, 2000),
    lingerMs: random.chance(0.3) ? random.between(500, 3000) : 0,
    cancelAfterMs: random.chance(0.1) ? random.between(0, Math.round(spanMs * 0.3)) : undefined,
    leases: Array.from({ length: random.between(1, 4) }, (__, lease) => makeLease(random, lease, spanMs)),
  };
}

function makeLease(random, lease, spanMs) {
  const beginMs = lease === 0 ? 0 : random.between(0, Math.round(spanMs * 0.3));
  const isLong = random.chance(0.55);
  const forMs = isLong ? LONG_MS : random.between(1000, 12_000);
  const lastsMs = random.between(1000, Math.round(spanMs * 0.3) + 2000);
  const between = () => beginMs + random.between(100, lastsMs);
  const viaOf = () => random.pick(['client', 'signal']);
  const extras = Array.from({ length: random.between(0, 4) }, () => ({
    afterMs: between(),
    ...random.pick([
      { do: 'current' },
      { do: 'extend', forMs: isLong ? LONG_MS : random.between(1000, 8000), via: viaOf() },
    ]),
  }));
  // Sometimes a client that has lost its answer acquires again.
  const again = random.chance(0.2) ? [{ afterMs: between(), do: 'acquire', forMs, via: viaOf() }] : [];
  const release = random.chance(0.6)
    ? [{ afterMs: beginMs + lastsMs + 100, do: 'release', via: viaOf() }]
    : [];
  return {
    id: `lease-${lease}`,
    steps: [
      { afterMs: beginMs, do: 'acquire', forMs, via: lease === 0 ? 'client' : viaOf() },
      ...[...extras, ...again].sort((a, b) => a.afterMs - b.afterMs),
      ...release,
    ],
  };
}
