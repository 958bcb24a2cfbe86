import { describe, expect, it } from 'vitest';
import { getFile, startUpload } from '../../src/gemini/index.js';
import { parseRetryAfter, parseRetryDelay } from '../../src/gemini/retry-after.js';
import { connectionTo, NAME } from '../support/connection.js';
import { httpServer } from '../support/raw-server.js';

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
    expect(parseRetryAfter((name) => (name === 'date' ? undefined : header), NOW)).toBe(ms);
  });

  it.each([
    ['Fri, 02 Jan 2026 04:04:35 GMT', 'Fri, 02 Jan 2026 04:04:05 GMT', 30_000],
    ['Fri, 02 Jan 2026 02:04:35 GMT', 'Fri, 02 Jan 2026 02:04:05 GMT', 30_000],
    ['Fri, 02 Jan 2026 03:04:35 GMT', 'today', 30_000],
    ['Fri, 02 Jan 2026 03:04:35 GMT', '', 30_000],
    // A server without a clock, and forms that `Date.parse` reads as another time.
    ['Fri, 02 Jan 2026 03:04:35 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', 30_000],
    ['Fri, 02 Jan 2026 03:04:35 GMT', 'Fri, 31 Dec 9999 00:00:00 GMT', 30_000],
    ['Fri, 02 Jan 2026 03:04:35 GMT', 'Fri, 02 Jan 2026 03:04:00', 30_000],
    ['Fri, 02 Jan 2026 03:04:35 GMT', 'May 12', 30_000],
    ['7', 'Fri, 02 Jan 2026 04:04:05 GMT', 7000],
  ])('%j at %j of the server is %j ms', (value, date, ms) => {
    expect(parseRetryAfter((name) => (name === 'date' ? date : value), NOW)).toBe(ms);
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

it.each([-3600, 3600])(
  'an answer’s date counts from the clock of its server, which is %i s off',
  async (skewS) => {
    await using server = await httpServer((_request, response) => {
      const theirs = Date.now() + skewS * 1000;
      const date = new Date(theirs).toUTCString();
      response.writeHead(503, { date, 'retry-after': new Date(theirs + 30_000).toUTCString() }).end();
    });
    const connection = connectionTo(server.url);
    const start = { name: NAME, displayName: 'x', mimeType: 'text/plain', sizeBytes: 5 };
    for (const call of [startUpload(connection, start), getFile(connection, NAME)])
      await expect(call).rejects.toMatchObject({ kind: 'unavailable', retryAfterMs: 30_000 });
  },
);
