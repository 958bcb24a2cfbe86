import { expect, it } from 'vitest';
import { createRate } from '../../src/cli/terminal/rate.js';

/** Shows `bytes` at each of the `seconds`. @returns what is shown last */
function rateOf(shows: readonly (readonly [seconds: number, bytes: number])[]): string {
  let now = 0;
  const rate = createRate(() => now);
  return shows.reduce((_, [seconds, bytes]) => {
    now = seconds * 1000;
    return rate(bytes);
  }, '');
}

it.each([
  ['nothing is known of one look', [[0, 0]], ''],
  [
    'bytes over time',
    [
      [0, 0],
      [4, 100e6],
    ],
    '25 MB/s',
  ],
  [
    'bytes of an earlier attempt do not count',
    [
      [0, 50e6],
      [2, 100e6],
    ],
    '25 MB/s',
  ],
  [
    'the wait for the first byte after a resume does not count',
    [
      [0, 50e6],
      [30, 50e6],
      [32, 100e6],
    ],
    '25 MB/s',
  ],
  [
    'a pause after the first byte counts',
    [
      [0, 0],
      [1, 50e6],
      [4, 50e6],
    ],
    '12.5 MB/s',
  ],
  [
    'a new session begins anew',
    [
      [0, 0],
      [2, 100e6],
      [10, 0],
      [12, 50e6],
    ],
    '25 MB/s',
  ],
] as const)('%s', (_, shows, expected) => {
  expect(rateOf(shows)).toBe(expected);
});
