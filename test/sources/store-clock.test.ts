/** The time that requests to a store are signed for. */

import { expect, it } from 'vitest';
import { StoreClock } from '../../src/sources/store-clock.js';

const HOUR_MS = 3_600_000;
const FORM = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const timeOf = (clock: StoreClock) => Date.parse(clock.datetime.replace(FORM, '$1-$2-$3T$4:$5:$6Z'));

const SKEWED = 'RequestTimeTooSkewed';

it('follows a store once, until it takes a signature', () => {
  const clock = new StoreClock();
  const from = Date.now();
  const later = (hours: number) => new Date(from + hours * HOUR_MS).toUTCString();
  expect(clock.correct(later(0), SKEWED)).toBe(false);
  // Less than what S3 refuses, so that no clock is between the two.
  expect(clock.correct(new Date(from + 4 * 60_000).toUTCString(), SKEWED)).toBe(false);
  expect(clock.correct(later(1 / 4), SKEWED)).toBe(true);
  clock.accepted();
  expect(clock.correct(later(2), undefined)).toBe(true);
  expect(timeOf(clock) - from).toBeGreaterThan(1.9 * HOUR_MS);
  expect(clock.correct(later(4), undefined)).toBe(false);
  clock.accepted();
  expect(clock.correct(later(4), SKEWED)).toBe(true);
});

it('goes back to this machine if the store refuses the time that was taken over', () => {
  const clock = new StoreClock();
  const from = Date.now();
  const date = new Date(from + HOUR_MS).toUTCString();
  expect(clock.correct(date, undefined)).toBe(true);
  expect(clock.correct(date, SKEWED)).toBe(false);
  expect(Math.abs(timeOf(clock) - from)).toBeLessThan(HOUR_MS / 2);
});

it('stays as it is if the store refuses something else', () => {
  const clock = new StoreClock();
  expect(clock.correct(new Date(Date.now() + HOUR_MS).toUTCString(), 'ExpiredToken')).toBe(false);
});

it.each([
  undefined,
  '',
  'soon',
  'Tue, 13 Sep 275760 00:00:00 GMT',
  'Sat, 01 Jan 10000 00:00:00 GMT',
  '-000001-01-01T00:00:00Z',
])('leaves the time alone for the date %j', (date) => {
  const clock = new StoreClock();
  const from = Date.now();
  expect(clock.correct(date, SKEWED)).toBe(false);
  expect(clock.datetime).toMatch(FORM);
  expect(Math.abs(timeOf(clock) - from)).toBeLessThan(HOUR_MS);
});
