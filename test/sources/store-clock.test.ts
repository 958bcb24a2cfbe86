/** The time that requests to a store are signed for. */

import { expect, it } from 'vitest';
import { StoreClock } from '../../src/sources/store-clock.js';

const HOUR_MS = 3_600_000;
const FORM = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const timeOf = (clock: StoreClock) => Date.parse(clock.datetime.replace(FORM, '$1-$2-$3T$4:$5:$6Z'));

it('follows a store once, until it takes a signature', () => {
  const clock = new StoreClock();
  const from = Date.now();
  const later = (hours: number) => new Date(from + hours * HOUR_MS).toUTCString();
  expect(clock.correct(later(0))).toBe(false);
  expect(clock.correct(later(2))).toBe(true);
  expect(timeOf(clock) - from).toBeGreaterThan(1.9 * HOUR_MS);
  expect(clock.correct(later(4))).toBe(false);
  clock.accepted();
  expect(clock.correct(later(4))).toBe(true);
});

it.each([undefined, '', 'soon', 'Tue, 13 Sep 275760 00:00:00 GMT', 'Sat, 01 Jan 10000 00:00:00 GMT'])(
  'leaves the time alone for the date %j',
  (date) => {
    const clock = new StoreClock();
    const from = Date.now();
    expect(clock.correct(date)).toBe(false);
    expect(clock.datetime).toMatch(FORM);
    expect(Math.abs(timeOf(clock) - from)).toBeLessThan(HOUR_MS);
  },
);
