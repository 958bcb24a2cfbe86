import { expect, it } from 'vitest';
import { createRate } from '../../src/cli/terminal/rate.js';

/** @param looks - the megabytes that are shown, each after so many seconds. @returns what is shown last */
function rateOf(looks: string): string {
  let now = 0;
  const rate = createRate(() => now);
  let shown = '';
  for (const [, seconds, megabytes] of looks.matchAll(/([\d.]+) s: (\d+)/g)) {
    now = Number(seconds) * 1000;
    shown = rate(Number(megabytes) * 1e6);
  }
  return shown;
}

it.each([
  ['nothing is known of one look', '0 s: 0', ''],
  ['nothing is known until bytes were sent twice', '0 s: 0, 4 s: 100', ''],
  ['bytes over time', '0 s: 0, 1 s: 20, 5 s: 120', '25 MB/s'],
  ['bytes of an earlier attempt do not count', '0 s: 50, 1 s: 60, 3 s: 110', '25 MB/s'],
  ['the time before the first byte does not count', '0 s: 50, 30 s: 50, 31 s: 70, 33 s: 120', '25 MB/s'],
  [
    'bytes of a slow heartbeat count over its whole time',
    '0 s: 0, 8 s: 0, 8.5 s: 240, 16.5 s: 440',
    '25 MB/s',
  ],
  ['a pause after the first byte counts', '0 s: 0, 1 s: 10, 2 s: 60, 5 s: 60', '12.5 MB/s'],
  ['a new session begins anew', '0 s: 0, 2 s: 100, 4 s: 200, 10 s: 8, 11 s: 10, 13 s: 60', '25 MB/s'],
])('%s', (_, looks, expected) => {
  expect(rateOf(looks)).toBe(expected);
});
