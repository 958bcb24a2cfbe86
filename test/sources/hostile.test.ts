/** What a source or whoever names it may try: each ends in a typed failure, and the server that it aims at sees no connection. */

import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkedLookup, isAllowedAddress, parseNetwork } from '../../src/sources/addresses.js';
import { resolveSources, type SourcesConfig } from '../../src/sources/index.js';
import { answer, SourceServer, type Act } from '../support/source-server.js';
import { open, readAll, SHORT, sourcesFor } from '../support/sources.js';

let server: SourceServer;
/** Listens on every address of this machine, and counts. */
let trap: Server;
let trapped = 0;
let trapPort: number;
beforeAll(async () => {
  server = await SourceServer.start();
  trap = createServer((socket) => {
    trapped += 1;
    socket.destroy();
  });
  trap.listen(0, '::');
  await once(trap, 'listening');
  trapPort = (trap.address() as AddressInfo).port;
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  trap.close();
});
beforeEach(() => {
  server.reset();
  trapped = 0;
});

/** Every public https origin, as an operator may permit it. */
const anywhere = (): SourcesConfig => ({
  ...resolveSources({ https: { allowedOrigins: ['*'] } }, {}),
  ca: server.ca,
});

/** Hosts that are not public, in every spelling. */
const HOSTS = [
  '127.0.0.1',
  '127.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '①②⑦.0.0.1',
  '127。0。0。1',
  'localhost',
  'LOCALHOST',
  'ｌｏｃａｌｈｏｓｔ',
  '0.0.0.0',
  '0',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:8.8.8.8]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::1]',
  '[2001:0:7f00:1::1]',
  '[fe80::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[ff02::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[100::1]',
  '[5f00::1]',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
];

describe('an address that is not public', () => {
  it.each(HOSTS)('is refused: %s', async (host) => {
    const failed = open(`https://${host}:${trapPort}/x`, anywhere());
    await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
    expect(trapped).toBe(0);
  });

  it.each(HOSTS)('is refused as the target of a redirect: %s', async (host) => {
    const location = `https://${host}:${trapPort}/x?X-Amz-Signature=SECRET`;
    // The header's bytes are Latin-1; a name of other letters comes encoded.
    server.acts.push(answer(302, { location: new URL(location).href }));
    const sources = sourcesFor(server, { https: { allowedAddresses: ['127.0.0.1/32'] } });
    const https = { ...sources.https!, redirectOrigins: anywhere().https!.allowedOrigins };
    const spelled = new URL(location).hostname;
    // 127.0.0.1 itself is permitted here, and so is every name of it, where its port is what the trap does not serve.
    if (spelled === '127.0.0.1' || spelled.startsWith('localhost')) return;
    const failed = open(server.url('/x'), { ...sources, https });
    await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
    await expect(failed).rejects.not.toThrow('SECRET');
    expect(trapped).toBe(0);
  });

  it('is refused for a name that resolves to another address each time, at the connection itself', async () => {
    const answers = [
      ['93.184.216.34'],
      ['127.0.0.1'],
      ['127.0.0.1', '93.184.216.34'],
      ['::ffff:10.0.0.1', 'fe80::1%eth0'],
    ];
    const lookup = checkedLookup(
      (address) => isAllowedAddress(address, []),
      (_host, _options, callback) => {
        const found = answers.shift() ?? [];
        callback(
          null,
          found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
      },
    );
    const ask = (all: boolean) =>
      new Promise((resolve) =>
        lookup('rebind.example', { all }, (error, found) => resolve(error?.name ?? found)),
      );
    expect(await ask(false)).toBe('93.184.216.34');
    expect(await ask(false)).toBe('SourceNotAllowedError');
    expect(await ask(true)).toEqual([{ address: '93.184.216.34', family: 4 }]);
    expect(await ask(true)).toBe('SourceNotAllowedError');
  });

  it('can be permitted by its network, and no other form of it', () => {
    const networks = ['10.1.0.0/16', 'fd00:1::/32'].map((text) => parseNetwork(text)!);
    const allowed = (address: string) => isAllowedAddress(address, networks);
    expect(['10.1.0.1', '10.1.255.255', 'fd00:1::5', '8.8.8.8', '2606:4700::1'].map(allowed)).toEqual(
      Array(5).fill(true),
    );
    expect(['10.2.0.1', '::ffff:10.1.0.1', '64:ff9b::a01:1', 'fd00:2::1', 'x', ''].map(allowed)).toEqual(
      Array(6).fill(false),
    );
  });
});

describe('a URL', () => {
  it.each([
    'http://127.0.0.1/x',
    'https://user@media.example/x',
    'https://user:hunter2@media.example/x',
    'https://media.example/x#part',
    'file:///etc/passwd',
    'data:text/plain,x',
    'gs://bucket/x',
    's3://bucket/x',
    'blob:x',
    '//media.example/x',
    'https://',
    'https://[::1',
    'https://a b/x',
    'https:/media.example',
    'HTTP://127.0.0.1/x',
    '/etc/passwd',
    ':x',
    'store:',
    '',
  ])('of another form is refused: %s', async (text) => {
    const failed = open(text, anywhere());
    await expect(failed).rejects.toMatchObject({ name: 'InvalidOptionsError' });
    await expect(failed).rejects.not.toThrow('hunter2');
  });

  it.each([
    'https://media.example.evil.test/x',
    'https://media.example:8443/x',
    'https://media.example./x',
    'https://mediа.example/x',
    'https://sub.media.example/x',
    'https://wild.example/x',
    'https://evilwild.example/x',
    'https://example/x',
    'https://media.example%00.evil.test/x',
    'https://media.example%2eevil.test/x',
    'https://evil.test\\@media.example/x',
    'https://evil.test/https://media.example/',
  ])('of another origin is refused before anything is looked up: %s', async (text) => {
    const sources = resolveSources(
      { https: { allowedOrigins: ['https://media.example', 'https://*.wild.example'] } },
      {},
    );
    await expect(open(text, sources)).rejects.toMatchObject({
      name: expect.stringMatching(/^(SourceNotAllowedError|InvalidOptionsError)$/) as unknown,
    });
  });

  it('is refused if the worker permits none', async () => {
    await expect(open(server.url('/x'), resolveSources(undefined, {}))).rejects.toMatchObject({
      name: 'SourceNotAllowedError',
    });
    await expect(open('other:x', sourcesFor(server))).rejects.toMatchObject({
      name: 'SourceNotAllowedError',
    });
    expect(server.connections).toBe(0);
  });
});

describe('a redirect', () => {
  const redirect = (location: string, status = 302): Act => answer(status, { location });
  const openHere = () =>
    open(
      server.url('/start?id=1'),
      sourcesFor(server, { https: { headers: { authorization: 'Bearer S3CRET' } } }),
    );

  it.each([301, 302, 303, 307, 308])('(%i) is followed to an allowed origin, three times', async (status) => {
    server.files.set('/end', { content: Buffer.from('abc') });
    server.acts.push(
      redirect('/a', status),
      redirect('/b', status),
      redirect(server.url('/end?sig=1'), status),
    );
    const source = await openHere();
    expect((await readAll(source)).toString()).toBe('abc');
    await source.close();
    expect(source.name).toBe('start');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(
      Array(4).fill('Bearer S3CRET'),
    );
  });

  it('is not followed a fourth time', async () => {
    server.acts.push(...Array.from({ length: 9 }, () => redirect('/again')));
    await expect(openHere()).rejects.toMatchObject({ name: 'SourceError' });
    expect(server.requests.length).toBe(4);
  });

  it.each([
    ['http', 'http://127.0.0.1:1/x'],
    ['another origin', 'https://elsewhere.example/x?X-Amz-Signature=SECRET'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:text/plain,SECRET'],
    ['a password', 'https://user:SECRET@127.0.0.1/'],
    ['the own port over http', 'http://127.0.0.1:443/'],
    ['another port', 'https://127.0.0.1:1/'],
  ])('to %s is refused', async (_, location) => {
    server.acts.push(redirect(location));
    const failed = openHere();
    await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
    await expect(failed).rejects.not.toThrow('SECRET');
    expect(server.requests.length).toBe(1);
  });

  it.each(['', 'https://[::1', `https://a.example/${'x'.repeat(9000)}`])(
    'to no URL is an error',
    async (location) => {
      server.acts.push(redirect(location));
      await expect(openHere()).rejects.toMatchObject({ name: 'SourceError' });
    },
  );

  it('to another origin does not get the headers, nor does the way back', async () => {
    await using other = await SourceServer.start();
    server.files.set('/end', { content: Buffer.from('abc') });
    server.acts.push(redirect(other.url('/x')));
    other.acts.push(redirect(server.url('/end')));
    const allowedOrigins = [server.origin, other.origin];
    const https = { allowedOrigins, headers: { authorization: 'Bearer S3CRET', 'x-token': 'S3CRET' } };
    const source = await open(server.url('/start'), sourcesFor(server, { https }));
    await source.close();
    const seen = [...server.requests.slice(0, 1), ...other.requests, ...server.requests.slice(1)];
    expect(seen.map(({ headers }) => headers.authorization ?? headers['x-token'])).toEqual([
      'Bearer S3CRET',
      undefined,
      undefined,
    ]);
  });
});

describe('an answer', () => {
  const openIt = (path = '/clip.mp4') => open(server.url(path), sourcesFor(server, {}, SHORT));
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
    ['with gzip', answer(200, { 'content-encoding': 'gzip', 'content-length': '3' }, 'abc'), false],
    [
      'with br, twice',
      answer(200, { 'content-encoding': 'identity, br', 'content-length': '3' }, 'abc'),
      false,
    ],
    ['without a length', (_request, response) => response.writeHead(200).write('abc'), false],
    ['with no content', answer(204), false],
    ['that is partial without a range', answer(206, {}, 'abc'), false],
    ['of a total that is not known', range('bytes 0-2/*'), false],
    ['from another start', range('bytes 1-3/10'), false],
    ['that ends before it starts', range('bytes 5-2/10'), false],
    ['that ends after the file', range('bytes 0-10/10'), false],
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
    const failed = openIt();
    await expect(failed).rejects.toMatchObject({ name: 'SourceError', ...(retryable && { retryable }) });
    if (!retryable) await expect(failed).rejects.not.toHaveProperty('retryable');
  });

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
    for (const act of [answer(500), answer(404), answer(403), answer(418), answer(206), () => undefined]) {
      server.acts.push(act);
      const failed = open(server.url('/clip.mp4?id=S3CRET'), sourcesFor(server, {}, SHORT));
      await expect(failed).rejects.toThrow(server.url('/clip.mp4'));
      await expect(failed).rejects.not.toThrow('S3CRET');
    }
  });
});
