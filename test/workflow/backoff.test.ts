import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextInterval, quotaSleep, sleepBefore } from '../../src/workflow/backoff.js';

const DAY = 86_400_000;

function sequence(count: number, options: { maxPollInterval: number | null; backoffCoefficient: number }) {
  const intervals = [2000];
  while (intervals.length < count) {
    intervals.push(nextInterval(intervals.at(-1) as number, { pollInterval: 2000, jitter: 0, ...options }));
  }
  return intervals;
}

describe('nextInterval', () => {
  it('grows by the coefficient up to the cap', () => {
    expect(sequence(7, { maxPollInterval: 10_000, backoffCoefficient: 1.5 })).toEqual([
      2000, 3000, 4500, 6750, 10_000, 10_000, 10_000,
    ]);
  });

  it('is constant if the coefficient is 1, and has no cap but the longest wait if that is null', () => {
    expect(sequence(3, { maxPollInterval: 10_000, backoffCoefficient: 1 })).toEqual([2000, 2000, 2000]);
    expect(sequence(5, { maxPollInterval: null, backoffCoefficient: 100 })).toEqual([
      2000,
      200_000,
      20_000_000,
      2 * DAY,
      2 * DAY,
    ]);
  });

  it('never falls, never passes the cap, and can always be carried on as JSON', () => {
    const interval = fc.integer({ min: 100, max: 2 * DAY });
    const coefficient = fc.double({ min: 1, max: 100, noNaN: true });
    fc.assert(
      fc.property(interval, coefficient, fc.option(interval), (now, backoffCoefficient, cap) => {
        const from = Math.min(now, cap ?? now);
        const next = nextInterval(from, {
          pollInterval: 100,
          maxPollInterval: cap,
          backoffCoefficient,
          jitter: 0,
        });
        expect(next).toBeGreaterThanOrEqual(from);
        expect(next).toBeLessThanOrEqual(cap ?? 2 * DAY);
        expect(JSON.parse(JSON.stringify(next))).toBe(next);
      }),
    );
  });
});

describe('sleepBefore', () => {
  it.each([
    // interval, remaining, random, jitter -> sleep
    [2000, 60_000, 0.5, 200, 2000],
    [2000, 60_000, 0, 200, 1800],
    [2000, 60_000, 0.75, 200, 2100],
    [2000, 1500, 0.5, 200, 1500],
    [2000, 1900, 0, 200, 1800],
    [100, 60_000, 0, 5000, 100],
    [100, 40, 0, 5000, 40],
    [2000, 0, 0.5, 0, 1],
    [2000.4, 60_000, 0.5, 0, 2001],
  ])('of %d ms, %d left, random %d, jitter %d: %d', (interval, remaining, random, jitter, expected) => {
    expect(sleepBefore(interval, remaining, random, jitter)).toBe(expected);
  });

  it('is within the jitter of the interval, never under 100 ms nor past the deadline', () => {
    const ms = fc.integer({ min: 100, max: 2 * DAY });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(ms, ms, random, fc.integer({ min: 0, max: DAY }), (interval, remaining, value, jitter) => {
        const sleep = sleepBefore(interval, remaining, value, jitter);
        expect(Number.isInteger(sleep)).toBe(true);
        expect(sleep).toBeLessThanOrEqual(Math.min(remaining, interval + jitter));
        expect(sleep).toBeGreaterThanOrEqual(Math.min(remaining, Math.max(100, interval - jitter)));
      }),
    );
  });
});

describe('quotaSleep', () => {
  it('doubles from 30 s to 10 min, moved by a tenth at most', () => {
    const sleeps = (random: number) =>
      [0, 1, 2, 3, 4, 5, 1e6].map((waits) => (quotaSleep(waits, DAY, random)?.ms ?? 0) / 1000);
    expect(sleeps(0.5)).toEqual([30, 60, 120, 240, 480, 600, 600]);
    expect(sleeps(0)).toEqual([27, 54, 108, 216, 432, 540, 540]);
    expect(sleeps(1 - 2 ** -53).map(Math.round)).toEqual([33, 66, 132, 264, 528, 600, 600]);
  });

  it('leaves time for a last attempt, and reports that it is the last', () => {
    expect(quotaSleep(1, 61_000, 0.5)).toEqual({ ms: 30_500, last: true });
    expect(quotaSleep(5, 400_000, 0.5)).toEqual({ ms: 340_000, last: true });
    expect(quotaSleep(5, 700_000, 0.5)).toEqual({ ms: 600_000, last: false });
    expect(quotaSleep(0, 0, 0.5)).toBeUndefined();
    expect(quotaSleep(0, -5, 0.5)).toBeUndefined();
  });

  it('makes some 300 attempts in 48 hours, the longest time of an upload', () => {
    let attempts = 1;
    for (let left = 2 * DAY, last = false; !last; attempts += 1) {
      const sleep = quotaSleep(attempts - 1, left, 0);
      last = sleep?.last ?? true;
      left -= sleep?.ms ?? 0;
    }
    expect(attempts).toBeLessThan(330);
  });

  it('never takes more than the time that is left', () => {
    const waits = fc.nat(400);
    const left = fc.integer({ min: -1000, max: 2 * DAY });
    fc.assert(
      fc.property(
        waits,
        left,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (n, ms, random) => {
          const sleep = quotaSleep(n, ms, random);
          if (sleep) expect(sleep.ms).toBeGreaterThan(0);
          if (sleep) expect(sleep.ms).toBeLessThanOrEqual(Math.min(Math.max(ms, 1), 600_000));
        },
      ),
    );
  });
});
