/** Files behind https URLs, from a server of the test's own. */

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { detectMimeType } from '../../src/gemini/index.js';
import { answer, breakAfter, SourceServer, type ServedFile } from '../support/source-server.js';
import { bytesOf, open, readAll, sourcesFor } from '../support/sources.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const KIB = 1024;
const content = randomBytes(300 * KIB);

let server: SourceServer;
beforeAll(async () => {
  server = await SourceServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => server.reset());

function serve(file: Partial<ServedFile> = {}, path = '/media/clip.mp4'): string {
  server.files.set(path, { content, ...file });
  return server.url(encodeURI(path));
}

const openUrl = (url: string, https: object = {}) => open(url, sourcesFor(server, { https }));

describe('a file', () => {
  it('is read by ranges, each for the version of the first answer', async () => {
    const source = await openUrl(serve());
    expect(source).toMatchObject({
      name: 'clip.mp4',
      label: server.url('/media/clip.mp4'),
      sizeBytes: content.length,
      fingerprint: { sizeBytes: content.length, version: '"v1"' },
    });
    expect((await readAll(source, 128 * KIB)).equals(content)).toBe(true);
    await source.close();
    expect(server.ranges).toEqual([
      'bytes=0-65535',
      'bytes=65536-131071',
      'bytes=131072-262143',
      'bytes=262144-307199',
    ]);
    expect(server.requests.map(({ headers }) => headers['if-range'])).toEqual([
      undefined,
      '"v1"',
      '"v1"',
      '"v1"',
    ]);
    expect(server.requests.every(({ headers }) => headers['accept-encoding'] === 'identity')).toBe(true);
    expect(server.connections).toBe(1);
  });

  it.each([
    ['the package and its version', {}, `temporal-gemini-files/${version}`],
    ['what the configuration says', { 'USER-Agent': 'mine/1 (me@example.com)' }, 'mine/1 (me@example.com)'],
  ])('is requested with a User-Agent, which is %s', async (_, headers, expected) => {
    const source = await openUrl(serve(), { headers });
    await readAll(source, 128 * KIB);
    await source.close();
    expect(new Set(server.requests.map((request) => request.headers['user-agent']))).toEqual(
      new Set([expected]),
    );
  });

  it('that is small takes one request, also if a part is read again', async () => {
    const small = content.subarray(0, 5000);
    const source = await openUrl(serve({ content: small }));
    expect((await bytesOf(source, 0, 100)).equals(small.subarray(0, 100))).toBe(true);
    expect((await readAll(source)).equals(small)).toBe(true);
    await source.close();
    expect(server.requests.length).toBe(1);
  });

  it.each(['/a b/ü%2Fé+.mp3', '/%zz.bin', '/'])('at %s has a name', async (path) => {
    server.acts.push(answer(200, { 'content-length': '1' }, 'x'));
    const source = await openUrl(server.url(path));
    await source.close();
    expect(source.name).toBe(
      { '/a b/ü%2Fé+.mp3': 'ü/é+.mp3', '/%zz.bin': '%zz.bin', '/': '127-0-0-1' }[path],
    );
  });

  it('has the type that the server tells, unless its name or its content tells one', async () => {
    const headers = { 'content-type': 'Audio/X-Something; charset=utf-8' };
    const unknown = await openUrl(serve({ headers, content: Buffer.from('???') }, '/unknown'));
    expect(await detectMimeType(unknown)).toBe('audio/x-something');
    const named = await openUrl(serve({ headers }, '/named.mp4'));
    expect(await detectMimeType(named)).toBe('video/mp4');
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(100)]);
    const told = await openUrl(serve({ headers, content: png }, '/content'));
    expect(await detectMimeType(told)).toBe('image/png');
    const nothing = await openUrl(serve({ content: Buffer.from([0, 1, 2, 0xff]) }, '/nothing'));
    await expect(detectMimeType(nothing)).rejects.toMatchObject({ name: 'InvalidOptionsError' });
    for (const source of [unknown, named, told, nothing]) await source.close();
  });

  it.each([404, 410])('that is answered with %i is not found', async (status) => {
    server.acts.push(answer(status));
    await expect(openUrl(server.url('/x?token-like=1'))).rejects.toMatchObject({
      name: 'FileNotFoundError',
      status,
    });
  });

  it.each([401, 403, 407])('that is answered with %i is not allowed', async (status) => {
    server.acts.push(answer(status));
    await expect(openUrl(server.url('/x'))).rejects.toMatchObject({ name: 'SourceNotAllowedError', status });
    expect(server.requests.length).toBe(1);
  });

  it.each([408, 425, 429, 500, 503, 599])(
    'that is answered with %i is asked for again later',
    async (status) => {
      server.acts.push(answer(status, { 'retry-after': '7' }));
      await expect(openUrl(server.url('/x'))).rejects.toMatchObject({
        name: 'SourceError',
        status,
        retryable: true,
        retryAfterMs: 7000,
      });
    },
  );

  it.each([-3600, 3600])('counts from the clock of the server, which is %i s off', async (skewS) => {
    const http = (ms: number) => new Date(ms).toUTCString();
    const theirs = Date.now() + skewS * 1000;
    server.acts.push(answer(503, { date: http(theirs), 'retry-after': http(theirs + 30_000) }));
    await expect(openUrl(server.url('/x'))).rejects.toMatchObject({ retryAfterMs: 30_000 });
  });

  it('is asked for again after an hour at the latest', async () => {
    server.acts.push(answer(503, { 'retry-after': '99999999999' }));
    await expect(openUrl(server.url('/x'))).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
  });

  it.each([
    ['without bytes', answer(200, { 'content-length': '0' }), 'EmptyFileError'],
    ['without bytes, by range', answer(416, { 'content-range': 'bytes */0' }), 'EmptyFileError'],
    ['without bytes, by range, of a store', answer(416), 'EmptyFileError'],
    ['over 2 GiB', answer(206, { 'content-range': 'bytes 0-0/2147483649' }, 'x'), 'FileTooLargeError'],
    ['over what numbers hold', answer(200, { 'content-length': '999999999999999' }), 'FileTooLargeError'],
  ] as const)('%s is refused', async (_, act, name) => {
    server.acts.push(act);
    await expect(openUrl(server.url('/x'))).rejects.toMatchObject({ name });
  });
});

describe('a server', () => {
  it('without ranges is read in one request, however the upload cuts it', async () => {
    const source = await openUrl(serve({ ranges: false }));
    expect((await readAll(source, 64 * KIB)).equals(content)).toBe(true);
    expect(server.requests.length).toBe(1);
    // What the provider has already is skipped.
    expect((await bytesOf(source, 200 * KIB, 300 * KIB)).equals(content.subarray(200 * KIB))).toBe(true);
    await source.close();
    expect(server.requests.length).toBe(2);
  });

  it('without a strong version is read in one request after the first', async () => {
    const source = await openUrl(serve({ etag: 'W/"v1"' }));
    expect(source.fingerprint.version).toBe('');
    expect((await readAll(source, 64 * KIB)).equals(content)).toBe(true);
    await source.close();
    expect(server.ranges).toEqual(['bytes=0-65535', `bytes=0-${content.length - 1}`]);
  });

  it('without a strong version is read once more where several requests were needed', async () => {
    const url = serve({ etag: null });
    server.acts.push(undefined, breakAfter(server, 100 * KIB));
    const source = await openUrl(url);
    expect((await readAll(source, 64 * KIB)).equals(content)).toBe(true);
    await source.close();
    expect(server.requests.length).toBe(4);
  });

  it('without a strong version, whose file changes between two requests, is noticed', async () => {
    const url = serve({ etag: null });
    server.acts.push(undefined, breakAfter(server, 100 * KIB));
    const source = await openUrl(url);
    const begun = await bytesOf(source, 0, 64 * KIB);
    serve({ etag: null, content: randomBytes(content.length) });
    expect(begun.equals(content.subarray(0, 64 * KIB))).toBe(true);
    await bytesOf(source, 64 * KIB, content.length);
    await expect(source.assertContent('00')).rejects.toMatchObject({ name: 'FileChangedError' });
    await source.close();
  });

  it('that ends its answers before it was asked to is asked again', async () => {
    const url = serve();
    server.acts.push(undefined, (request, response) => {
      response.writeHead(206, { etag: '"v1"', 'content-range': `bytes 65536-165535/${content.length}` });
      response.end(content.subarray(65536, 165536));
      return request;
    });
    const source = await openUrl(url);
    expect((await readAll(source)).equals(content)).toBe(true);
    await source.close();
    expect(server.ranges.slice(1)).toEqual(['bytes=65536-307199', 'bytes=165536-307199']);
  });

  it('that breaks is asked for the rest', async () => {
    const url = serve();
    server.acts.push(
      breakAfter(server, 10 * KIB),
      breakAfter(server, 20 * KIB),
      undefined,
      breakAfter(server, 70 * KIB),
    );
    const source = await openUrl(url);
    expect((await readAll(source)).equals(content)).toBe(true);
    await source.close();
    expect(server.ranges).toEqual([
      'bytes=0-65535',
      'bytes=10240-65535',
      'bytes=30720-65535',
      'bytes=65536-307199',
      'bytes=137216-307199',
    ]);
  });

  it('that breaks again and again is left to the next attempt', async () => {
    const url = serve();
    server.acts.push(undefined, ...Array.from({ length: 20 }, () => breakAfter(server, 100)));
    const source = await openUrl(url);
    await expect(readAll(source)).rejects.toMatchObject({ name: 'SourceError', retryable: true });
    await source.close();
    expect(server.requests.length).toBe(7);
  });

  it('that is not there is asked again by the next attempt', async () => {
    const gone = await SourceServer.start();
    const sources = sourcesFor(gone);
    const url = gone.url('/x');
    await gone[Symbol.asyncDispose]();
    const failed = open(url, sources);
    await expect(failed).rejects.toMatchObject({ name: 'SourceError', retryable: true });
    await expect(failed).rejects.toThrow('ECONNREFUSED');
  });
});

describe('an attempt', () => {
  it('that ends ends its reads', async () => {
    const url = serve();
    const stop = new AbortController();
    const source = await open(url, sourcesFor(server), stop.signal);
    const reason = new Error('the attempt has ended');
    server.acts.push((_request, response) => {
      response.writeHead(206, { etag: '"v1"', 'content-range': `bytes 65536-307199/${content.length}` });
      response.write('x', () => stop.abort(reason));
    });
    await expect(readAll(source)).rejects.toBe(reason);
    await source.close();
  });

  it('that has ended opens nothing', async () => {
    const reason = new Error('over');
    await expect(open(serve(), sourcesFor(server), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(server.connections).toBe(0);
  });
});
