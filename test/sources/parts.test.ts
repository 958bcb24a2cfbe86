/** Parts of a file that are not the ones that were asked for, and files that change between two of them. */

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answer, SourceServer, type Act, type ServedFile } from '../support/source-server.js';
import { bytesOf, open, readAll, sourcesFor } from '../support/sources.js';

const content = randomBytes(300 * 1024);

let server: SourceServer;
beforeAll(async () => {
  server = await SourceServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => server.reset());

function serve(file: Partial<ServedFile> = {}): string {
  server.files.set('/clip.mp4', { content, ...file });
  return server.url('/clip.mp4');
}

const openUrl = (url: string) => open(url, sourcesFor(server));

describe('a part', () => {
  const part = content.subarray(65536);
  const last = content.length - 1;

  it.each([
    [
      'from another place',
      { etag: '"v1"', 'content-range': `bytes 65537-${last}/${content.length}` },
      part.subarray(1),
    ],
    ['from the start', { etag: '"v1"', 'content-range': `bytes 0-${last}/${content.length}` }, content],
    ['of no bytes', { etag: '"v1"', 'content-range': `bytes 65536-65535/${content.length}` }, ''],
  ] as const)('%s, where another one was asked for, is not used', async (_, headers, body) => {
    const url = serve();
    server.acts.push(undefined, (_request, response) => response.writeHead(206, { ...headers }).end(body));
    const source = await openUrl(url);
    const failed = readAll(source);
    await expect(failed).rejects.toMatchObject({ name: 'SourceError' });
    await expect(failed).rejects.not.toHaveProperty('retryable');
    await source.close();
  });

  it.each([
    ['no version', {}],
    ['a weak version', { etag: 'W/"v1"' }],
  ])('of %s, after one of a strong version, is used, and all is compared at the end', async (_, version) => {
    const url = serve();
    const versionless: Act = (_request, response) =>
      response
        .writeHead(206, { ...version, 'content-range': `bytes 65536-${last}/${content.length}` })
        .end(part);
    server.acts.push(undefined, versionless);
    const source = await openUrl(url);
    expect((await readAll(source)).equals(content)).toBe(true);
    await source.close();
    expect(server.ranges).toEqual(['bytes=0-65535', `bytes=65536-${last}`, `bytes=0-${last}`]);

    server.acts.push(undefined, versionless);
    const changing = await openUrl(url);
    await bytesOf(changing, 65536);
    serve({ content: randomBytes(content.length), etag: null });
    const sha256 = createHash('sha256').update(content).digest('hex');
    await expect(changing.assertContent(sha256)).rejects.toMatchObject({ name: 'FileChangedError' });
    await changing.close();
  });

  it('from another place as the first answer is an error, and is not asked for again', async () => {
    const url = serve();
    server.acts.push(answer(206, { etag: '"v1"', 'content-range': `bytes 1-3/${content.length}` }, 'abc'));
    await expect(openUrl(url)).rejects.toMatchObject({ name: 'SourceError' });
    expect(server.requests.length).toBe(1);
  });

  it('without a version as the first answer is not read to its end', async () => {
    const url = serve({ etag: null });
    let closed: Promise<unknown> | undefined;
    server.acts.push((_request, response) => {
      closed = once(response, 'close');
      response.writeHead(206, {
        'content-range': `bytes 0-65535/${content.length}`,
        'content-length': 65536,
      });
      response.write('x');
    });
    const source = await openUrl(url);
    await closed;
    expect((await readAll(source)).equals(content)).toBe(true);
    await source.close();
  });

  it.each([`bytes */${content.length}`, undefined, 'bytes */x'])(
    'that the file has, and the server denies (Content-Range: %s), may come later: the file has not changed',
    async (contentRange) => {
      const source = await openUrl(serve());
      server.acts.push(answer(416, contentRange === undefined ? {} : { 'content-range': contentRange }));
      await expect(readAll(source)).rejects.toMatchObject({
        name: 'SourceError',
        status: 416,
        retryable: true,
      });
      expect((await readAll(source)).equals(content)).toBe(true);
      await source.close();
    },
  );

  it('of a small file, whose server refuses a longer range, is asked for as it is', async () => {
    const small = content.subarray(0, 5);
    const url = serve({ content: small });
    server.acts.push(answer(416, { 'content-range': 'bytes */5' }));
    const source = await openUrl(url);
    expect((await readAll(source)).equals(small)).toBe(true);
    await source.close();
    expect(server.ranges).toEqual(['bytes=0-65535', 'bytes=0-4']);
  });

  it('that is refused although it is in the file is not asked for again', async () => {
    const size = { 'content-range': `bytes */${content.length}` };
    server.acts.push(answer(416, size));
    await expect(openUrl(serve())).rejects.toMatchObject({ name: 'SourceError', status: 416 });
    expect(server.requests.length).toBe(1);
  });

  it('of a version that is too long for one is read as one without', async () => {
    const source = await openUrl(serve({ etag: `"${'x'.repeat(257)}"` }));
    expect(source.fingerprint.version).toBe('');
    await source.close();
    const longest = `"${'x'.repeat(256)}"`;
    const other = await openUrl(serve({ etag: longest }));
    expect(other.fingerprint.version).toBe(longest);
    await other.close();
  });
});

describe('a file that changes', () => {
  it.each([
    ['another version', { etag: '"v2"' }],
    ['another size', { content: content.subarray(1) }],
    ['another version without ranges', { etag: '"v2"', ranges: false }],
  ])('to %s is noticed at the next request', async (_, changed) => {
    const source = await openUrl(serve());
    serve(changed);
    await expect(readAll(source)).rejects.toMatchObject({ name: 'FileChangedError' });
    await source.close();
  });

  it('to a shorter one is noticed by the range that it has not', async () => {
    server.acts.push(undefined);
    const source = await openUrl(serve());
    serve({ content: content.subarray(0, 100) });
    server.acts.push(answer(416, { 'content-range': 'bytes */100' }));
    await expect(readAll(source)).rejects.toMatchObject({ name: 'FileChangedError' });
    await source.close();
  });

  it('between attempts is noticed by its fingerprint', async () => {
    const source = await openUrl(serve());
    const { sizeBytes } = source;
    await expect(source.assertUnchanged({ sizeBytes, version: '"v0"' })).rejects.toMatchObject({
      name: 'FileChangedError',
    });
    await expect(source.assertUnchanged({ sizeBytes: 1, version: '"v1"' })).rejects.toMatchObject({
      name: 'FileChangedError',
    });
    // A version that is not known leaves it to the hash of what was sent.
    await source.assertUnchanged({ sizeBytes, version: '' });
    await source.assertUnchanged();
    await source.close();
  });
});
