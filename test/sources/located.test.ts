/** What a user's function returns or throws: it is checked, and no message repeats a secret of it. */

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FileNotFoundError, SourceError } from '../../src/contract/errors.js';
import { resolveSources } from '../../src/sources/index.js';
import type { SourceLimits } from '../../src/sources/limits.js';
import { open, SHORT } from '../support/sources.js';

const openWith = (
  locate: unknown,
  { signal, limits }: { signal?: AbortSignal; limits?: SourceLimits } = {},
) => open('store:x', { ...resolveSources({ store: locate }, {}), ...(limits && { limits }) }, signal);

const reader = (overrides: object = {}) => ({
  sizeBytes: 3,
  version: 'v1',
  async *read() {
    await Promise.resolve();
    yield Buffer.from('abc');
  },
  ...overrides,
});

describe('what a function returns', () => {
  const url = 'https://media.example/x';
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', url],
    ['a list', [url]],
    ['neither form', {}],
    ['both forms', { ...reader(), url }],
    ['a URL object', { url: new URL(url) }],
    ['http', { url: 'http://media.example/x' }],
    ['a user', { url: 'https://u:S3CRET@media.example/' }],
    ['a file', { url: 'file:///etc/passwd' }],
    ['a long URL', { url: `${url}?${'S3CRET'.repeat(2000)}` }],
    ['a name that is empty', { url, name: '' }],
    ['a name of half a character', { url, name: '\ud800' }],
    ['a type that is none', { url, mimeType: 'video' }],
    ['a type with a line break', { url, mimeType: 'video/mp4\r\nx: y' }],
    ['a version of a number', { url, version: 5 }],
    ['headers that split', { url, headers: { 'x-a': 'S3CRET\r\nhost: evil' } }],
    ['a host header', { url, headers: { Host: 'S3CRET' } }],
    ['a range header', { url, headers: { range: 'bytes=0-1' } }],
    ['headers of numbers', { url, headers: { x: 1 } }],
    ['a size of text', reader({ sizeBytes: '5' })],
    ['a negative size', reader({ sizeBytes: -1 })],
    ['half a byte', reader({ sizeBytes: 1.5 })],
    ['no size', reader({ sizeBytes: undefined })],
    ['no version', reader({ version: undefined })],
    ['a reader that is none', reader({ read: 5 })],
    [
      'a getter that throws',
      {
        get url() {
          throw new Error('S3CRET=1');
        },
      },
    ],
  ])('is checked: %s', async (_, located) => {
    const failed = openWith(() => located);
    await expect(failed).rejects.toMatchObject({ name: 'SourceError' });
    await expect(failed).rejects.not.toThrow('S3CRET');
    await expect(failed).rejects.not.toHaveProperty('cause');
  });
});

describe('a function that throws', () => {
  it.each<[string, unknown, string]>([
    [
      'an error',
      new Error('fetch of https://store.example/x?sig=S3CRET failed', { cause: new Error('S3CRET') }),
      'SourceError',
    ],
    ['a query', new Error('GET /x?X-Amz-Signature=S3CRET'), 'SourceError'],
    ['a header', new Error('authorization: Bearer S3CRET'), 'SourceError'],
    ['a token', new Error('{"access_token": "S3CRET"}'), 'SourceError'],
    ['text', 'password=S3CRET', 'SourceError'],
    ['nothing', undefined, 'SourceError'],
    [
      'an error of the contract',
      new FileNotFoundError('no https://store.example/S3CRET'),
      'FileNotFoundError',
    ],
    [
      'an odd object',
      {
        toString: () => {
          throw new Error('S3CRET');
        },
      },
      'SourceError',
    ],
  ])('%s keeps its secrets', async (_, thrown, name) => {
    const failed = openWith(() => {
      throw thrown;
    });
    await expect(failed).rejects.toMatchObject({
      name,
      message: expect.stringContaining('The function of the source store failed') as unknown,
    });
    await expect(failed).rejects.not.toThrow('S3CRET');
    await expect(failed).rejects.not.toHaveProperty('cause');
  });

  const offline = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
  it.each<[string, Error, unknown]>([
    ['a TypeError', new TypeError('x of Bearer S3CRET is not a function'), TypeError],
    ['a ReferenceError', new ReferenceError('x is not defined, sig=S3CRET'), ReferenceError],
    ['a RangeError of a class of its own', new (class Own extends RangeError {})('token=S3CRET'), RangeError],
    ['a connection that broke', offline, undefined],
    ['an answer that is not JSON', new SyntaxError('Unexpected token <'), undefined],
  ])('has the class of a programming error as its cause, without secrets: %s', async (_, thrown, type) => {
    const read = () => {
      throw thrown;
    };
    for (const locate of [read, () => reader({ read })]) {
      const error = await openWith(locate).then(undefined, (reason: Error) => reason);
      expect(error).toMatchObject({ name: 'SourceError', retryable: true });
      const { cause } = error as Error;
      expect((cause as Error | undefined)?.constructor).toBe(type);
      expect(inspect(error, { depth: 9 })).not.toContain('S3CRET');
    }
  });

  it('in its reader, by a programming error, is not read again in the same attempt', async () => {
    let reads = 0;
    const read = () => {
      reads += 1;
      throw new TypeError('x is not a function');
    };
    await expect(openWith(() => reader({ read }))).rejects.toThrow('x is not a function');
    expect(reads).toBe(1);
  });

  it('is called again by the next attempt, unless it says that this is of no use', async () => {
    const fail = (error: Error) => openWith(() => Promise.reject(error));
    await expect(fail(new Error('x'))).rejects.toMatchObject({ retryable: true });
    await expect(fail(Object.assign(new Error('x'), { nonRetryable: true }))).rejects.not.toHaveProperty(
      'retryable',
    );
    await expect(fail(new SourceError('x'))).rejects.not.toHaveProperty('retryable');
    await expect(fail(new SourceError('x', { retryable: true, retryAfterMs: 9 }))).rejects.toMatchObject({
      retryable: true,
      retryAfterMs: 9,
    });
  });

  it('or never answers, does not hold the attempt', async () => {
    await expect(openWith(() => new Promise(() => undefined), { limits: SHORT })).rejects.toMatchObject({
      name: 'SourceError',
      retryable: true,
    });
    const stop = new AbortController();
    const reason = new Error('over');
    const failed = openWith(
      () => {
        stop.abort(reason);
        return new Promise(() => undefined);
      },
      { signal: stop.signal },
    );
    await expect(failed).rejects.toBe(reason);
  });
});
