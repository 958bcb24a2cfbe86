import { expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/contract/duration.js';

const HOUR_MS = 3_600_000;

it.each([
  [0, '0ms'],
  [100, '100ms'],
  [1000, '1s'],
  [1500, '1500ms'],
  [90_000, '90s'],
  [60_000, '1m'],
  [HOUR_MS, '1h'],
  [48 * HOUR_MS, '48h'],
  [49 * HOUR_MS, '49h'],
  [30 * 24 * HOUR_MS, '30d'],
])('%i ms are shown as %s, which is read as the same time', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
  expect(parseDuration(text)).toBe(ms);
});
