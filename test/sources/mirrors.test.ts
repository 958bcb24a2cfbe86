/** A file that several servers have: each has an ETag of its own, and a redirector chooses one of them. */

import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answer, breakAfter, SourceServer, type Act } from '../support/source-server.js';
import { bytesOf, open, readAll, sourcesFor } from '../support/sources.js';

const KIB = 1024;
const content = randomBytes(300 * KIB);
const other = Buffer.concat([content.subarray(0, 299 * KIB), randomBytes(KIB)]);

let server: SourceServer;
beforeAll(async () => {
  server = await SourceServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  server.reset();
  for (const name of ['a', 'b']) server.files.set(`/${name}/clip.mp4`, { content, etag: `"${name}"` });
});

const redirect = (location: string): Act => answer(302, { location });
const openHere = (https: object = {}) => open(server.url('/clip.mp4'), sourcesFor(server, { https }));
const paths = () => server.requests.map(({ path }) => path);

describe('a redirect', () => {
  it('is kept for the later ranges', async () => {
    server.acts.push(redirect('/a/clip.mp4?sig=1'));
    const source = await openHere();
    expect((await readAll(source, 100 * KIB)).equals(content)).toBe(true);
    await source.close();
    expect(paths()).toEqual(['/clip.mp4', ...Array<string>(4).fill('/a/clip.mp4?sig=1')]);
    expect(server.requests.at(-1)?.headers['if-range']).toBe('"a"');
    expect(server.connections).toBe(1);
  });

  it.each([401, 403, 404, 416, 500])('that leads to %i later is followed anew', async (status) => {
    server.acts.push(redirect('/a/clip.mp4?sig=S3CRET1'), undefined);
    const source = await openHere();
    server.acts.push(answer(status), redirect('/a/clip.mp4?sig=S3CRET2'));
    expect((await readAll(source, 100 * KIB)).equals(content)).toBe(true);
    await source.close();
    expect(paths().map((path) => path.at(-1))).toEqual(['4', '1', '1', '4', '2', '2', '2']);
    // The ETag there is the same, so nothing has to be compared.
    expect(server.requests.slice(3).map(({ headers }) => headers['if-range'])).toEqual([
      undefined,
      undefined,
      '"a"',
      '"a"',
    ]);
  });

  it.each<[string, Act]>([
    ['a page', answer(200, { 'content-type': 'text/html', 'content-length': '20' }, 'x'.repeat(20))],
    [
      'a page in parts',
      answer(206, { 'content-range': 'bytes 0-19/20', 'content-length': '20' }, 'x'.repeat(20)),
    ],
    [
      'a page without a length',
      answer(200, { 'content-type': 'text/html', 'transfer-encoding': 'chunked' }, 'x'),
    ],
  ])('that leads to %s once it has expired is followed anew', async (_, page) => {
    server.acts.push(redirect('/a/clip.mp4?sig=1'));
    const source = await openHere();
    server.acts.push(page, redirect('/a/clip.mp4?sig=2'));
    expect((await readAll(source)).equals(content)).toBe(true);
    await source.close();
    expect(paths().map((path) => path.at(-1))).toEqual(['4', '1', '1', '4', '2']);
  });

  it('that leads to another size is a change only if the first URL leads there too', async () => {
    server.acts.push(redirect('/a/clip.mp4'));
    const source = await openHere();
    server.files.set('/a/clip.mp4', { content: content.subarray(1), etag: '"a2"' });
    server.acts.push(undefined, redirect('/a/clip.mp4'));
    await expect(readAll(source)).rejects.toMatchObject({ name: 'FileChangedError' });
    await source.close();
    expect(paths()).toEqual(['/clip.mp4', '/a/clip.mp4', '/a/clip.mp4', '/clip.mp4', '/a/clip.mp4']);
  });

  it.each([429, 503])('that leads to a busy server (%i) is not asked more', async (status) => {
    server.acts.push(redirect('/a/clip.mp4'));
    const source = await openHere();
    server.acts.push(answer(status, { 'retry-after': '60' }));
    await expect(readAll(source)).rejects.toMatchObject({
      name: 'SourceError',
      retryable: true,
      retryAfterMs: 60_000,
    });
    await source.close();
    expect(paths()).toEqual(['/clip.mp4', '/a/clip.mp4', '/a/clip.mp4']);
  });

  it('to a server that is gone is followed anew, to another mirror, and the content is compared', async () => {
    const gone = await SourceServer.start('127.0.0.2');
    gone.files.set('/clip.mp4', { content, etag: '"gone"' });
    server.acts.push(redirect(gone.url('/clip.mp4?sig=S3CRET')));
    const source = await openHere({
      allowedOrigins: [server.origin, gone.origin],
      headers: { 'x-key': 'k' },
    });
    await gone[Symbol.asyncDispose]();
    server.acts.push(redirect('/b/clip.mp4'));
    expect((await readAll(source, 100 * KIB)).equals(content)).toBe(true);
    await source.close();
    // The rest in one request, and all of it once more.
    expect(paths()).toEqual(['/clip.mp4', '/clip.mp4', ...Array<string>(3).fill('/b/clip.mp4')]);
    expect(gone.requests.map(({ headers }) => headers['x-key'])).toEqual([undefined]);
    expect(server.requests.every(({ headers }) => headers['x-key'] === 'k')).toBe(true);
  });

  it('to a mirror that has other content is a change, which the comparison finds', async () => {
    server.acts.push(redirect('/a/clip.mp4'), undefined);
    const source = await openHere();
    server.files.set('/b/clip.mp4', { content: other, etag: '"b"' });
    server.acts.push(answer(403), redirect('/b/clip.mp4'));
    const sent = await bytesOf(source);
    server.files.set('/b/clip.mp4', { content, etag: '"c"' });
    const sha256 = createHash('sha256').update(sent).digest('hex');
    await expect(source.assertContent(sha256)).rejects.toMatchObject({ name: 'FileChangedError' });
    await source.close();
  });

  it('to another file with the same ETag is a change, which the comparison finds', async () => {
    server.files.set('/v1/clip.mp4', { content, etag: '"1"' });
    const next = Buffer.concat([randomBytes(KIB), content.subarray(KIB)]);
    server.files.set('/v2/clip.mp4', { content: next, etag: '"1"' });
    server.acts.push(redirect('/v1/clip.mp4'), undefined);
    const source = await openHere();
    server.acts.push(answer(410), redirect('/v2/clip.mp4'));
    const sha256 = createHash('sha256')
      .update(await bytesOf(source))
      .digest('hex');
    await expect(source.assertContent(sha256)).rejects.toMatchObject({ name: 'FileChangedError' });
    await source.close();
  });

  it('to another URL with the same ETag and the same content is not a change', async () => {
    server.files.set('/v1/clip.mp4', { content, etag: '"1"' });
    server.files.set('/v2/clip.mp4', { content, etag: '"1"' });
    server.acts.push(redirect('/v1/clip.mp4'), undefined);
    const source = await openHere();
    server.acts.push(answer(410), redirect('/v2/clip.mp4'));
    expect((await readAll(source, 100 * KIB)).equals(content)).toBe(true);
    await source.close();
    expect(server.requests.at(-1)?.headers.range).toBe(`bytes=0-${content.length - 1}`);
  });

  it('to a URL whose version changes is a change', async () => {
    server.acts.push(redirect('/a/clip.mp4'));
    const source = await openHere();
    server.files.set('/a/clip.mp4', { content, etag: '"a2"' });
    await expect(readAll(source)).rejects.toMatchObject({ name: 'FileChangedError' });
    await source.close();
  });

  it('proves no change to another attempt, which may be sent elsewhere', async () => {
    server.acts.push(redirect('/a/clip.mp4'));
    const first = await openHere();
    await first.close();
    server.acts.push(redirect('/b/clip.mp4'));
    const second = await openHere();
    await second.assertUnchanged(first.fingerprint);
    await second.close();
    const third = await open(server.url('/a/clip.mp4'), sourcesFor(server));
    await third.assertUnchanged(first.fingerprint);
    await third.close();
    expect([first, second, third].map(({ fingerprint }) => fingerprint.version)).toEqual([
      'mirror "a"',
      'mirror "b"',
      '"a"',
    ]);
  });

  it('that was kept is not shown when it fails', async () => {
    server.acts.push(redirect('/a/clip.mp4?sig=S3CRET'), undefined);
    const source = await openHere();
    server.acts.push(answer(403), answer(403));
    const failed = readAll(source);
    await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
    await expect(failed).rejects.not.toThrow('S3CRET');
    await source.close();
  });
});

describe('the version of a function', () => {
  /** Each request comes to another node, which has another ETag. */
  const nodes = (count: number, contentOf: (node: number) => Buffer = () => content) =>
    Array.from({ length: count }, (_, node): Act => (request, response) => {
      server.files.set('/x', { content: contentOf(node), etag: `"${node}"` });
      return server.serve(request, response);
    });
  const openIt = () =>
    open('store:x', sourcesFor(server, { store: () => ({ url: server.url('/x'), version: 'v1' }) }));

  it('stands in place of the ETags, which may differ', async () => {
    server.acts.push(...nodes(9));
    const source = await openIt();
    expect((await readAll(source, 100 * KIB)).equals(content)).toBe(true);
    await source.close();
    expect(source.fingerprint.version).toBe('v1');
    // From the first answer with another ETag on, the rest is read in one request, and all of it once more.
    expect(server.ranges).toEqual([
      'bytes=0-65535',
      'bytes=65536-102399',
      `bytes=102400-${content.length - 1}`,
      `bytes=0-${content.length - 1}`,
    ]);
    expect(server.requests.every(({ headers }) => headers['if-range'] === undefined)).toBe(true);
  });

  it.each(['mirror "a"', ' mirror "a"', 'mirror '])(
    '%j is not taken for that of a mirror',
    async (version) => {
      server.files.set('/x', { content });
      const openAs = (given: string, form: object = { url: server.url('/x') }) =>
        open('store:x', sourcesFor(server, { store: () => ({ ...form, version: given }) }));
      const first = await openAs(version);
      const other = await openAs(`${version}2`);
      await expect(other.assertUnchanged(first.fingerprint)).rejects.toMatchObject({
        name: 'FileChangedError',
      });
      const again = await openAs(version);
      await again.assertUnchanged(first.fingerprint);
      const read = (start: number, end: number) => Readable.from([content.subarray(start, end)]);
      const reader = await openAs(`${version}2`, { sizeBytes: content.length, read });
      await expect(reader.assertUnchanged(first.fingerprint)).rejects.toMatchObject({
        name: 'FileChangedError',
      });
      for (const source of [first, other, again, reader]) await source.close();
    },
  );

  it('costs no second reading after a break if the ETags are the same', async () => {
    server.files.set('/x', { content });
    server.acts.push(undefined, breakAfter(server, 10 * KIB));
    const source = await openIt();
    expect((await readAll(source, 100 * KIB)).equals(content)).toBe(true);
    await source.close();
    expect(server.ranges).toEqual([
      'bytes=0-65535',
      'bytes=65536-102399',
      'bytes=75776-102399',
      'bytes=102400-204799',
      `bytes=204800-${content.length - 1}`,
    ]);
  });

  it('does not hide a change: what several answers brought is compared', async () => {
    const acts = nodes(9, (node) => (node < 2 ? content : other));
    acts[1] = breakAfter(server, 100 * KIB);
    server.acts.push(...acts);
    const source = await openIt();
    const sent = await bytesOf(source, 0, 100 * KIB);
    await bytesOf(source, 100 * KIB, content.length);
    const sha256 = createHash('sha256').update(sent).update(content.subarray(sent.length)).digest('hex');
    await expect(source.assertContent(sha256)).rejects.toMatchObject({ name: 'FileChangedError' });
    await source.close();
  });
});
