/** How the handler uses the times that Temporal gives it. */

import { asyncLocalStorage } from '@temporalio/nexus/lib/context.js';
import { describe, expect, it } from 'vitest';
import { timeLeft } from '../../src/nexus/time-left.js';

const NOW = 1_800_000_000_000;
/** Of a request that has `seconds` left, as a new one has 9. */
const context = (timeout: string | undefined, seconds = 9) => ({
  headers: timeout === undefined ? {} : { 'operation-timeout': timeout },
  requestDeadline: new Date(NOW + seconds * 1000),
});
const YEAR = '31536000000ms';

describe('timeLeft', () => {
  it.each<[string | undefined, number | undefined, string]>([
    ['60000ms', 59_000, "Temporal's own form"],
    ['60s', 59_000, 'seconds'],
    ['1.5m', 89_000, 'minutes, with a fraction'],
    [undefined, undefined, 'a caller without a timeout'],
    [YEAR, 30 * 24 * 3600 * 1000, 'longer than any run'],
    ['999999999999999m', 30 * 24 * 3600 * 1000, 'longer than any number'],
    ['0ms', 0, 'no time'],
  ])('%s: %s ms (%s)', (header, ms) => {
    expect(timeLeft(context(header), NOW)).toBe(ms);
  });

  it('counts what is missing of a whole request as waited', () => {
    expect(timeLeft(context('60s', 2), NOW)).toBe(52_000);
    expect(timeLeft(context('3s', 1), NOW)).toBe(1_000);
    expect(timeLeft(context('60s', -1), NOW)).toBe(49_000);
    expect(timeLeft({ headers: { 'operation-timeout': '60s' } }, NOW)).toBe(60_000);
  });

  it.each(['', 'soon', '-5s', '1e9s', '5', '5 s', '9'.repeat(400) + 's', '1h', '1m30s'])(
    'warns of a header that it cannot read, and sets no end: %o',
    (header) => {
      const warnings: unknown[] = [];
      const log = { warn: (...words: unknown[]) => warnings.push(words) };
      const left = asyncLocalStorage.run({ log } as never, () => timeLeft(context(header), NOW));
      expect(left).toBeUndefined();
      expect(warnings).toEqual([
        [expect.stringContaining('cannot be read') as string, { timeout: header.slice(0, 100) }],
      ]);
    },
  );
});
