import { describe, expect, it } from 'vitest';
import { parseRetryAfter, parseRetryDelay } from '../../src/gemini/retry-after.js';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('parseRetryAfter', () => {
  it.each([
    ['7', 7000],
    [' 0 ', 0],
    ['1.5', 1500],
    ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
    ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
    ['', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['1/2', undefined],
    [undefined, undefined],
  ])('%j is %j ms', (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });
});

describe('parseRetryDelay', () => {
  it.each([
    ['28s', 28_000],
    ['0.5s', 500],
    ['9223372036854775807s', 9223372036854775807 * 1000],
    [{ seconds: '9223372036854775807' }, 9223372036854775807 * 1000],
    [{ seconds: 2, nanos: 500_000_000 }, 2500],
    [{ seconds: '-1' }, undefined],
    ['-1s', undefined],
    ['28', undefined],
    ['', undefined],
    [28, undefined],
    [{ seconds: [5] }, undefined],
    [{ seconds: true }, undefined],
    [{ nanos: Symbol.iterator }, undefined],
    [null, undefined],
    [undefined, undefined],
  ])('%o is %j ms', (value, ms) => {
    expect(parseRetryDelay(value)).toBe(ms);
  });
});
