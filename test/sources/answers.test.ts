/** Answers of a source that cannot be used: each ends in a typed failure. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSource } from '../../src/sources/index.js';
import type { SourceLimits } from '../../src/sources/limits.js';
import { answer, SourceServer, type Act } from '../support/source-server.js';
import { open, readAll, SHORT, sourcesFor } from '../support/sources.js';

let server: SourceServer;
beforeAll(async () => {
  server = await SourceServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => server.reset());

describe('an answer', () => {
  const openIt = (path = '/clip.mp4', limits?: SourceLimits) =>
    open(server.url(path), sourcesFor(server, {}, limits));
  const raw =
    (text: string): Act =>
    (_request, response) =>
      response.socket?.end(text);
  const endless =
    (head: string, piece: string): Act =>
    (_request, response) => {
      const { socket } = response;
      socket?.on('error', () => undefined);
      socket?.write(head);
      const more = () => {
        while (socket && !socket.destroyed && socket.write(piece));
        socket?.once('drain', more);
      };
      more();
    };
  const range = (value: string, length?: string): Act =>
    answer(206, { 'content-range': value, ...(length && { 'content-length': length }) }, 'abc');

  it.each<[string, Act, boolean]>([
    [
      'with br, twice',
      answer(200, { 'content-encoding': 'identity, br', 'content-length': '3' }, 'abc'),
      false,
    ],
    [
      'with aws-chunked around zstd',
      answer(200, { 'content-encoding': 'aws-chunked,ZSTD', 'content-length': '3' }, 'abc'),
      false,
    ],
    ...[
      'gzip',
      'x-gzip',
      'deflate',
      'br',
      'zstd',
      'compress',
      'x-compress',
      'bzip2',
      'xz',
      'lzma',
      'dcb',
      'dcz',
    ].map((coding): [string, Act, boolean] => [
      `with ${coding}`,
      answer(200, { 'content-encoding': coding, 'content-length': '3' }, 'abc'),
      false,
    ]),
    ['without a length', (_request, response) => response.writeHead(200).write('abc'), false],
    ['with no content', answer(204), false],
    ['that is partial without a range', answer(206, {}, 'abc'), false],
    ['of a total that is not known', range('bytes 0-2/*'), false],
    ['from another start', range('bytes 1-3/10'), false],
    ['that ends before it starts', range('bytes 5-2/10'), false],
    ['that ends after the file', range('bytes 0-10/10'), false],
    ['without the range, of a file that has it', answer(416, { 'content-range': 'bytes */9' }), false],
    ['of other units', range('items 0-2/3'), false],
    ['with negative numbers', range('bytes -1-2/3'), false],
    ['with numbers that do not fit', range('bytes 0-2/99999999999999999999'), false],
    ['with two lengths that differ', range('bytes 0-9/10', '3'), false],
    ['of several parts', answer(206, { 'content-type': 'multipart/byteranges; boundary=x' }, 'abc'), false],
    [
      'that is a login page',
      answer(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': '6' }, '<html>'),
      false,
    ],
    ['that redirects nowhere', answer(302), false],
    ['that is not modified', answer(304), false],
    ['with a teapot', answer(418), false],
    ['with a status of no class', answer(999), true],
    ['that is no HTTP', raw('SSH-2.0-OpenSSH_9.6\r\n'), false],
    ['with an endless head', endless('HTTP/1.1 200 OK\r\n', `x-filler: ${'y'.repeat(1000)}\r\n`), false],
    ['that ends in its head', raw('HTTP/1.1 200 OK\r\ncontent-'), true],
    ['that never comes', () => undefined, true],
    ['that is nothing but information', endless('', 'HTTP/1.1 102 Processing\r\n\r\n'), true],
    [
      'that drips',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100000' });
        const drip = setInterval(() => response.write('x'), 50);
        response.on('close', () => clearInterval(drip));
      },
      true,
    ],
    [
      'that stops',
      (_request, response) => response.writeHead(200, { 'content-length': '100000' }).write('x'),
      true,
    ],
  ])('%s is a SourceError', async (_, act, retryable) => {
    server.acts.push(...Array.from({ length: 9 }, () => act));
    // Short only for those that keep their reader waiting: a busy machine is slow too.
    const failed = openIt('/clip.mp4', retryable ? SHORT : undefined);
    await expect(failed).rejects.toMatchObject({ name: 'SourceError', ...(retryable && { retryable }) });
    if (!retryable) await expect(failed).rejects.not.toHaveProperty('retryable');
  });

  it.each(['aws-chunked', 'utf-8', 'none', 'identity', 'UTF-8, aws-chunked', 'binary', ''])(
    'whose Content-Encoding is %j is read as it is: the bytes are not encoded',
    async (encoding) => {
      server.acts.push(answer(200, { 'content-encoding': encoding, 'content-length': '3' }, 'abc'));
      const source = await openIt();
      expect((await readAll(source)).toString()).toBe('abc');
      await source.close();
    },
  );

  it('with more bytes than it says is cut', async () => {
    server.acts.push(
      endless(
        'HTTP/1.1 206 Partial\r\ncontent-range: bytes 0-2/3\r\ntransfer-encoding: chunked\r\n\r\n',
        '3\r\nabc\r\n',
      ),
    );
    const source = await openIt();
    expect((await readAll(source)).toString()).toBe('abc');
    await source.close();
  });

  it('that is a page is taken where a page is expected', async () => {
    const page = answer(200, { 'content-type': 'text/html', 'content-length': '6' }, '<html>');
    for (const path of ['/article.html', '/article']) {
      server.acts.push(page);
      const source = await openIt(path);
      await source.close();
      expect(source.sizeBytes).toBe(6);
    }
    server.acts.push(answer(302, { location: '/login' }), page);
    await expect(openIt('/article')).rejects.toThrow('login page');
  });

  describe('that is a page', () => {
    const openAs = (mimeType: string) =>
      openSource(
        { source: server.url('/video?id=5'), mimeType },
        { allowedRoots: [], sources: sourcesFor(server) },
        { attempt: 1, signal: new AbortController().signal },
      );
    const page = (type: Record<string, string>, text = '<!doctype html><p>Sign in') =>
      answer(200, { ...type, 'content-length': String(Buffer.byteLength(text)) }, text);
    const HTML = { 'content-type': 'text/html; charset=utf-8' };

    it.each([
      ['by its Content-Type', page(HTML, 'Sign in')],
      ['by its first bytes, without a Content-Type', page({})],
      ['by its first bytes, after the mark of UTF-8', page({}, '\ufeff\n<HTML lang="en">')],
    ])('%s is refused where the input names another type', async (_, act) => {
      server.acts.push(act);
      await expect(openAs('video/mp4')).rejects.toMatchObject({
        name: 'SourceError',
        message: expect.stringContaining('login page') as unknown,
      });
      expect(server.requests).toHaveLength(1);
    });

    it.each([HTML, {}])('is taken where the input says so: %j', async (type) => {
      server.acts.push(page(type));
      const source = await openAs('text/html');
      await source.close();
      expect(source.sizeBytes).toBe(25);
    });
  });

  it('of a server whose certificate is not trusted is not read', async () => {
    server.files.set('/x', { content: Buffer.from('abc') });
    const { ca, ...sources } = sourcesFor(server);
    expect(ca).toBeDefined();
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      const failed = open(server.url('/x'), sources);
      await expect(failed).rejects.toMatchObject({
        name: 'SourceError',
        message: expect.stringContaining('SELF_SIGNED') as unknown,
      });
      await expect(failed).rejects.not.toHaveProperty('retryable');
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
    expect(server.requests.length).toBe(0);
  });

  it('is told of without a query', async () => {
    const answers = [answer(500), answer(404), answer(403), answer(418), answer(206)];
    const cases: [Act, SourceLimits?][] = [...answers.map((act): [Act] => [act]), [() => undefined, SHORT]];
    for (const [act, limits] of cases) {
      server.acts.push(act);
      const failed = open(server.url('/clip.mp4?id=S3CRET'), sourcesFor(server, {}, limits));
      await expect(failed).rejects.toThrow(server.url('/clip.mp4'));
      await expect(failed).rejects.not.toThrow('S3CRET');
    }
  });
});
