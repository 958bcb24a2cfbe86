import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expiryOf,
  isStale,
  renewalTime,
  renewalTimeout,
  retryTime,
  usableUntil,
} from '../../../src/workflow/hold/schedule.js';

const HOUR = 3_600_000;

describe('the expiry of a file', () => {
  it('is what the provider says', () => {
    expect(expiryOf({ expirationTime: '2026-01-03T00:00:00Z' }, Date.parse('2026-01-01T00:00:00Z'))).toBe(
      Date.parse('2026-01-03T00:00:00Z'),
    );
  });

  it.each(['', 'soon', '1999-01-01T00:00:00Z'])(
    'is 48 hours after the upload if it says %j',
    (expirationTime) => {
      const uploadedAt = Date.parse('2026-01-01T00:00:00Z');
      expect(expiryOf({ expirationTime }, uploadedAt)).toBe(uploadedAt + 48 * HOUR);
    },
  );
});

describe('a renewal', () => {
  it('begins so long before the file expires', () => {
    expect(renewalTime(48 * HOUR, 1000, 2 * HOUR)).toBe(46 * HOUR);
    expect(renewalTime(62_000, 0, 61_500)).toBe(1000);
  });

  it('is never due at once, however short the time of the file is', () => {
    const time = fc.integer({ min: -HOUR, max: 48 * HOUR });
    fc.assert(
      fc.property(time, fc.integer({ min: 1000, max: 24 * HOUR }), (left, renewBefore) => {
        expect(renewalTime(left, 0, renewBefore)).toBeGreaterThanOrEqual(1000);
        if (left > 2000) expect(renewalTime(left, 0, renewBefore)).toBeLessThan(left);
      }),
    );
  });

  it('has half of what is left of the file, so that it fails while the file can still be renewed', () => {
    expect(renewalTimeout(2 * HOUR, 48 * HOUR, 46 * HOUR)).toBe(HOUR);
    expect(renewalTimeout(60_000, 48 * HOUR, 46 * HOUR)).toBe(60_000);
    expect(renewalTimeout(2 * HOUR, 48 * HOUR, 48 * HOUR)).toBe(1000);
  });

  it('that failed is tried again with growing delays, and when the file expires at last', () => {
    const delays = Array.from({ length: 12 }, (_, failures) => retryTime(0, failures + 1, 99 * HOUR, 0.5));
    expect(delays.slice(0, 4)).toEqual([2000, 4000, 8000, 16_000]);
    expect(delays.slice(-2)).toEqual([600_000, 600_000]);
    expect(retryTime(0, 12, 5000, 0.5)).toBe(5000);
    expect(retryTime(0, 2000, 99 * HOUR, 0.5)).toBe(600_000);
  });
});

it('a file is handed out only with more than a minute left', () => {
  expect(usableUntil(48 * HOUR)).toBeLessThan(48 * HOUR - 60_000);
});

it('a file counts as checked for five seconds', () => {
  expect([isStale(0, 5000), isStale(0, 5001)]).toEqual([false, true]);
});
