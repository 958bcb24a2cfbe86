/** What whoever names a source may try: each ends in a typed failure, and the server that it aims at sees no connection. */

import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkedLookup, isAllowedAddress, parseNetwork } from '../../src/sources/addresses.js';
import { resolveSources, type SourcesConfig } from '../../src/sources/index.js';
import { answer, SourceServer } from '../support/source-server.js';
import { open, sourcesFor } from '../support/sources.js';

/** Not 127.0.0.1, which is one of the targets. */
const REDIRECTING = '127.0.0.2';

let server: SourceServer;
/** Listens on every address of this machine, and counts. */
let trap: Server;
let trapped = 0;
let trapPort: number;
beforeAll(async () => {
  server = await SourceServer.start(REDIRECTING);
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
  '127.0.0.1.',
  '0.1.2.3',
  '100.100.100.200',
  '168.63.129.16',
  '192.31.196.1',
  '192.88.99.1',
  '[::ffff:0:127.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[2001:20::1]',
  '[2002:a9fe:a9fe::1]',
  '[2620:4f:8000::1]',
  '[4000::1]',
  '[fd00:ec2::254]',
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
    // Of this machine's addresses, only that of the server that redirects is permitted.
    const https = { allowedOrigins: [server.origin], allowedAddresses: [`${REDIRECTING}/32`] };
    const sources = sourcesFor(server, { https });
    const redirectOrigins = anywhere().https!.allowedOrigins;
    const failed = open(server.url('/x'), {
      ...sources,
      https: { ...sources.https!, redirectOrigins },
    });
    await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
    await expect(failed).rejects.not.toThrow('SECRET');
    // What was refused is the target, and not the server that redirects.
    expect(server.requests).toHaveLength(1);
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
