/** Sources that are a user's function: what it is told, what it may return, and what is told of it. */

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { detectMimeType } from '../../src/gemini/index.js';
import type { LocateContext, LocatedReader } from '../../src/sources/options.js';
import { answer, breakAfter, SourceServer } from '../support/source-server.js';
import type { SourceLimits } from '../../src/sources/limits.js';
import { open, readAll, SHORT, sourcesFor } from '../support/sources.js';

const content = randomBytes(200 * 1024);
/** The beginning of a video, by its content. */
const webm = Buffer.concat([
  Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d', 'hex'),
  Buffer.alloc(500),
]);

let server: SourceServer;
beforeAll(async () => {
  server = await SourceServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => server.reset());

const openWith = (
  locate: unknown,
  { key = 'a/clip.mp4', attempt, limits }: { key?: string; attempt?: number; limits?: SourceLimits } = {},
) => open(`store:${key}`, sourcesFor(server, { store: locate }, limits), undefined, attempt);

/** A reader of `content`, in pieces whose buffer is used again. */
function reader(overrides: Partial<Record<keyof LocatedReader, unknown>> = {}): unknown {
  const buffer = Buffer.alloc(10_000);
  return {
    sizeBytes: content.length,
    version: 'v1',
    async *read(start: number, end: number) {
      for (let at = start; at < end; at += buffer.length) {
        await Promise.resolve();
        yield buffer.subarray(0, content.copy(buffer, 0, at, Math.min(end, at + buffer.length)));
      }
    },
    ...overrides,
  };
}

describe('a function that returns a URL', () => {
  const signed = (signature: string) => server.url(`/secret/path?X-Amz-Signature=${signature}`);

  it('is called with the key and the attempt, and its headers are sent', async () => {
    server.files.set('/secret/path', { content });
    const calls: [string, LocateContext][] = [];
    const source = await openWith(
      (key: string, context: LocateContext) => {
        calls.push([key, context]);
        return {
          url: signed('S3CRET'),
          headers: { 'x-mine': 'yes' },
          name: 'Film.webm',
        };
      },
      { key: 'a:b/ü c', attempt: 3 },
    );
    expect((await readAll(source, 100_000)).equals(content)).toBe(true);
    await source.close();
    expect(calls).toEqual([
      ['a:b/ü c', { attempt: 3, refused: false, signal: expect.any(AbortSignal) as unknown }],
    ]);
    expect(source).toMatchObject({
      name: 'Film.webm',
      label: 'store:a:b/ü c',
      fingerprint: { version: '"v1"' },
    });
    expect(await detectMimeType(source)).toBe('video/webm');
    expect(server.requests.every(({ headers }) => headers['x-mine'] === 'yes')).toBe(true);
  });

  it.each([401, 403])(
    'is called once more after %i, and again only if its last URL had worked',
    async (status) => {
      server.files.set('/secret/path', { content });
      const refused: boolean[] = [];
      const locate = (_key: string, context: LocateContext) => {
        refused.push(context.refused);
        return { url: signed(`S3CRET${refused.length}`) };
      };
      server.acts.push(answer(status), undefined, answer(status), undefined);
      const source = await openWith(locate);
      expect((await readAll(source)).equals(content)).toBe(true);
      await source.close();
      expect(refused).toEqual([false, true, true]);
      expect(server.requests.map(({ path }) => path.slice(-1))).toEqual(['1', '2', '2', '3']);

      refused.length = 0;
      server.acts.push(answer(status), answer(status));
      const failed = openWith(locate);
      await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError', status });
      await expect(failed).rejects.not.toThrow(/S3CRET|secret/);
      expect(refused).toEqual([false, true]);
    },
  );

  it('and another version after a refusal, has changed its file', async () => {
    server.files.set('/secret/path', { content });
    server.acts.push(answer(403));
    let version = 0;
    const failed = openWith(() => ({ url: signed('x'), version: `v${(version += 1)}` }));
    await expect(failed).rejects.toMatchObject({ name: 'FileChangedError' });
  });

  it.each([
    ['an ETag', '"v1"'],
    ['none', null],
  ])('decides the version, for a server that has %s', async (_, etag) => {
    server.files.set('/secret/path', { content, etag });
    const source = await openWith(() => ({ url: signed('x'), version: 'of the store' }));
    await source.close();
    expect(source.fingerprint.version).toBe('of the store');
  });

  it('decides the type, before the name, the content and the server', async () => {
    const headers = { 'content-type': 'image/png' };
    server.files.set('/secret/path', { content: webm, headers });
    const source = await openWith(() => ({ url: signed('x'), name: 'Film.mp4', mimeType: 'audio/webm' }));
    await source.close();
    expect(await detectMimeType(source)).toBe('audio/webm');
  });

  it.each([404, 503, 418])('is not quoted after %i', async (status) => {
    server.acts.push(answer(status));
    await expect(openWith(() => ({ url: signed('S3CRET') }))).rejects.not.toThrow(
      /S3CRET|secret|127\.0\.0\.1/,
    );
  });

  it('of a private address is refused', async () => {
    const sources = { ...sourcesFor(server, { store: () => ({ url: 'https://10.0.0.1/x' }) }) };
    await expect(open('store:x', sources)).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
  });
});

describe('a function that returns a reader', () => {
  it('is read in ranges', async () => {
    const source = await openWith(() => reader());
    expect((await readAll(source, 70_000)).equals(content)).toBe(true);
    await source.assertUnchanged({ sizeBytes: content.length, version: 'v1' });
    await expect(source.assertUnchanged({ sizeBytes: content.length, version: 'v0' })).rejects.toMatchObject({
      name: 'FileChangedError',
    });
    await source.close();
    expect(source).toMatchObject({
      name: 'clip.mp4',
      sizeBytes: content.length,
      fingerprint: { version: 'v1' },
    });
  });

  it('has the type that the function tells, before that of the name and the content', async () => {
    const bytes = webm;
    async function* read(start: number, end: number) {
      await Promise.resolve();
      yield bytes.subarray(start, end);
    }
    const located = { name: 'Film.mp4', mimeType: 'audio/webm', sizeBytes: bytes.length, read };
    const source = await openWith(() => reader(located));
    await source.close();
    expect(await detectMimeType(source)).toBe('audio/webm');
  });

  it('that breaks is asked for the rest', async () => {
    const starts: number[] = [];
    const source = await openWith(() =>
      reader({
        async *read(start: number, end: number) {
          starts.push(start);
          await Promise.resolve();
          yield content.subarray(start, Math.min(end, start + 90_000));
          throw new Error('connection lost');
        },
      }),
    );
    expect((await readAll(source)).equals(content)).toBe(true);
    await source.close();
    expect(starts).toEqual([0, 65_536, 155_536]);
  });

  it.each<[string, (start: number, end: number) => unknown, string, boolean]>([
    ['nothing', () => undefined, 'SourceError', false],
    [
      'text',
      async function* () {
        await Promise.resolve();
        yield 'text';
      },
      'SourceError',
      false,
    ],
    [
      'a number',
      async function* () {
        await Promise.resolve();
        yield 5;
      },
      'SourceError',
      false,
    ],
    [
      'more than asked for',
      async function* () {
        await Promise.resolve();
        yield content;
      },
      'SourceError',
      false,
    ],
    [
      'nothing at all, ever',
      async function* () {
        await new Promise(() => undefined);
        yield content;
      },
      'SourceError',
      true,
    ],
    [
      'less each time',
      async function* () {
        await Promise.resolve();
        yield content.subarray(0, 1);
      },
      'SourceError',
      true,
    ],
    [
      'empty chunks without end',
      async function* () {
        for (;;) {
          await new Promise(setImmediate);
          yield Buffer.alloc(0);
        }
      },
      'SourceError',
      true,
    ],
    [
      'an error',
      () => {
        throw new Error('https://store/x?sig=S3CRET broke');
      },
      'SourceError',
      true,
    ],
  ])('and gives %s is refused', async (_, read, name, retryable) => {
    const failed = openWith(() => reader({ read }), retryable ? { limits: SHORT } : {}).then(readAll);
    await expect(failed).rejects.toMatchObject({ name, ...(retryable && { retryable }) });
    if (!retryable) await expect(failed).rejects.not.toHaveProperty('retryable');
    await expect(failed).rejects.not.toThrow('S3CRET');
  });

  it.each([
    [0, 'EmptyFileError'],
    [2 ** 31 + 1, 'FileTooLargeError'],
  ])('of %i bytes is refused', async (sizeBytes, name) => {
    await expect(openWith(() => reader({ sizeBytes }))).rejects.toMatchObject({ name });
  });
});

it('that breaks in the middle of a body from a URL continues there', async () => {
  server.files.set('/x', { content });
  server.acts.push(undefined, breakAfter(server, 80_000));
  const source = await openWith(() => ({ url: server.url('/x') }));
  expect((await readAll(source)).equals(content)).toBe(true);
  await source.close();
});
