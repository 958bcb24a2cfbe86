/** Overshoot is measured by the provider's clock, not by this machine's. */

import { expect, it } from 'vitest';
import { providerNow } from '../../src/activities/metrics.js';

const date = Date.parse('2026-01-02T03:04:05Z');

it.each([
  ['a clock that is right gives milliseconds', date + 400, date + 400],
  ['one that is slow is held to the header’s second', date - 60_000, date],
  ['one that is fast as well', date + 60_000, date + 999],
])('%s', (_, own, expected) => {
  expect(providerNow(date, own)).toBe(expected);
});

it('is this machine’s clock if the answer has no date', () => {
  expect(providerNow(undefined, 1234)).toBe(1234);
});
