/** How the length of an upload's requests follows the speed of the line, its breaks, and refusals. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestSize } from '../../src/gemini/request-size.js';
import { holds } from '../fuzz/fuzz.js';

const MIB = 1024 * 1024;
const GRANULARITY = 8 * MIB;

const create = (maxBytes?: number) => new RequestSize(GRANULARITY, maxBytes);
const mib = (size: RequestSize) => size.bytes / MIB;
/** A request that took its time for its bytes, and not for its answer. */
const sentIn = (ms: number) => ({ ms, bodyMs: ms });

function passTimes(size: RequestSize, count: number, ms = 1): void {
  for (let i = 0; i < count; i += 1) size.passed(size.bytes, sentIn(ms));
}

describe('the speed', () => {
  it.each([
    ['1 Gbit/s', 537, 512],
    ['100 Mbit/s', 5369, 88],
    ['50 Mbit/s', 10_737, 40],
    ['1 Mbit/s', 536_870, 8],
  ])('of %s: about 8 s in multiples of the granularity', (_, ms, expected) => {
    const size = create();
    expect(mib(size)).toBe(64);
    size.passed(64 * MIB, sentIn(ms));
    expect(mib(size)).toBe(expected);
  });

  it('that rises again makes longer requests, at most eight times as long', () => {
    const size = create();
    size.passed(64 * MIB, sentIn(536_870));
    size.passed(8 * MIB, sentIn(4000));
    expect(mib(size)).toBe(16);
    size.passed(16 * MIB, sentIn(1));
    expect(mib(size)).toBe(128);
  });

  // A gateway that passes all of a request on before it answers: shorter requests would make it worse.
  it('is not judged by the wait for the answer', () => {
    const size = create();
    size.passed(64 * MIB, { ms: 20_000, bodyMs: 600 });
    expect(mib(size)).toBe(64);
  });

  it('makes no request longer than the bound', () => {
    const size = create(20 * MIB);
    expect(mib(size)).toBe(16);
    passTimes(size, 20);
    expect(mib(size)).toBe(16);
  });
});

describe('the last request', () => {
  it('takes with it what is a quarter of its length at most', () => {
    const size = create();
    expect([0, 3].map((left) => size.of(left))).toEqual([0, 3]);
    // The first one, before the speed is known.
    expect(size.of(64 * MIB + 1)).toBe(64 * MIB);
    size.passed(64 * MIB, sentIn(2560));
    expect(size.of(250 * MIB)).toBe(250 * MIB);
    expect(size.of(250 * MIB + 1)).toBe(200 * MIB);
  });

  it.each<[string, (size: RequestSize) => unknown]>([
    ['a break', (size) => size.broke(64 * MIB)],
    ['a refusal', (size) => size.refused(64 * MIB)],
  ])('is not longer than %s allows', (_, happen) => {
    const size = create();
    size.passed(64 * MIB, sentIn(8000));
    happen(size);
    expect(size.of(32 * MIB + 1)).toBe(32 * MIB);
    expect(size.of(32 * MIB)).toBe(32 * MIB);
  });

  it('is not longer than the bound, but for a bound below the granularity', () => {
    const bounded = create(20 * MIB);
    passTimes(bounded, 1, 8000);
    expect(bounded.of(20 * MIB)).toBe(20 * MIB);
    expect(bounded.of(20 * MIB + 1)).toBe(16 * MIB);
    expect(create(MIB).of(8 * MIB + 1)).toBe(8 * MIB);
  });
});

describe('breaks of which nothing was kept', () => {
  it('halve the length, which stays until eight requests have passed', () => {
    const size = create();
    size.broke(size.bytes);
    expect(mib(size)).toBe(32);
    passTimes(size, 7);
    expect(mib(size)).toBe(32);
    passTimes(size, 1);
    expect(mib(size)).toBe(64);
  });

  it('bound the length for good at the second break of the same length', () => {
    const size = create();
    size.broke(size.bytes);
    passTimes(size, 8);
    size.broke(size.bytes);
    passTimes(size, 100);
    expect(mib(size)).toBe(32);
  });

  it('count as what has to be sent again, where the server has lost what it had confirmed', () => {
    const size = create();
    size.broke(80 * MIB);
    expect(mib(size)).toBe(40);
  });

  it('do not go below the granularity', () => {
    const size = create();
    for (let i = 0; i < 10; i += 1) size.broke(size.bytes);
    expect(mib(size)).toBe(8);
  });
});

describe('a refusal', () => {
  it('halves the length for good', () => {
    const size = create();
    expect(size.refused(40 * MIB)).toBe(true);
    passTimes(size, 100);
    expect(mib(size)).toBe(16);
  });

  it('of the smallest request leaves nothing to try', () => {
    expect(create().refused(8 * MIB)).toBe(false);
  });
});

describe('a limit of time', () => {
  it('makes another attempt begin with half, and is forgotten once requests are as long as ever', () => {
    const size = create();
    size.cutShort(64 * MIB, 1999);
    expect(size.forNext).toBeUndefined();
    size.cutShort(64 * MIB, 30_000);
    expect(size.forNext).toBe(32 * MIB);
    // This attempt goes on as ever.
    expect(mib(size)).toBe(64);
    const next = new RequestSize(GRANULARITY, undefined, 32 * MIB);
    expect([mib(next), next.of(33 * MIB) / MIB, next.of(32 * MIB) / MIB]).toEqual([32, 32, 32]);
    next.passed(32 * MIB, sentIn(20_000));
    expect([mib(next), next.forNext]).toEqual([8, 8 * MIB]);
    passTimes(next, 1);
    expect([mib(next), next.forNext]).toEqual([64, undefined]);
  });

  it('grows again where each answer takes long, whatever the length', () => {
    const size = new RequestSize(MIB, undefined, 8 * MIB);
    const lengths: number[] = [];
    for (let requests = 0; requests < 97; requests += 1) {
      lengths.push(mib(size));
      size.passed(size.bytes, { ms: 10_000, bodyMs: 1000 });
    }
    expect([lengths[31], lengths[32], lengths[64], lengths[96]]).toEqual([8, 16, 32, 64]);
    expect(size.forNext).toBeUndefined();
  });

  it('does not ask for less than the granularity', () => {
    const size = create();
    size.cutShort(8 * MIB, 30_000);
    expect(size.forNext).toBe(8 * MIB);
  });

  // Requests take about 8 s after the first one, so a gateway that allows three times as long cuts the first ones only.
  it('ends as many attempts as it takes to halve the first request, and no more', async () => {
    const limit = fc.integer({ min: 25_000, max: 120_000 });
    const pace = fc.double({ min: 0.01, max: 1, noNaN: true });
    const jitter = fc.array(fc.double({ min: 1, max: 1.6, noNaN: true }), { minLength: 50, maxLength: 50 });
    await holds(
      500,
      fc.tuple(limit, pace, jitter, fc.integer({ min: 9, max: 2000 })),
      ([limitMs, share, factors, mib]) => {
        // The smallest request passes, if barely.
        const msOfMib = (limitMs / 8 / 1.6) * share;
        let failed = 0;
        let sent = 0;
        let requests = 0;
        for (let size = create(); sent < mib * MIB;) {
          const bytes = size.of(mib * MIB - sent);
          const ms = (bytes / MIB) * msOfMib * (factors[requests % factors.length] ?? 1);
          requests += 1;
          if (ms <= limitMs) {
            size.passed(bytes, sentIn(ms));
            sent += bytes;
          } else {
            failed += 1;
            size.cutShort(bytes, limitMs);
            size = new RequestSize(GRANULARITY, undefined, size.forNext);
          }
          if (failed > 9) break;
        }
        expect(failed).toBeLessThanOrEqual(3);
      },
    );
  });
});
