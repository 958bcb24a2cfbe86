/** A source behind a proxy: the proxy would look up the name, so nothing is sent, and the message says what to do. */

import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { resolveSources } from '../../src/sources/index.js';
import { SourceServer } from '../support/source-server.js';
import { bytesOf, open, sourcesFor } from '../support/sources.js';

let connections = 0;
const proxy = createServer((socket) => {
  connections += 1;
  socket.destroy();
});
let proxyUrl: string;

beforeAll(async () => {
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  proxyUrl = `http://user:secret@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});

afterAll(async () => {
  proxy.close();
  await once(proxy, 'close');
});

afterEach(() => {
  vi.unstubAllEnvs();
  connections = 0;
});

const everywhere = resolveSources(
  {
    https: { allowedOrigins: ['*'] },
    store: () => ({ url: 'https://store.example/clip.mp4?sig=secret' }),
    bucket: {
      type: 's3',
      bucket: 'media',
      region: 'eu-central-1',
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    },
  },
  {},
);

it.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])('nothing is sent if %s names a proxy', async (name) => {
  vi.stubEnv(name, proxyUrl);
  for (const source of ['https://media.example/clip.mp4', 'store:clip.mp4', 'bucket:clip.mp4']) {
    const failure = await open(source, everywhere).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'SourceNotAllowedError' });
    expect(String(failure)).toMatch(
      /names a proxy for https:\/\/[a-z0-9.-]+, and .* add the host to NO_PROXY/,
    );
    expect(String(failure)).not.toContain('secret');
  }
  expect(connections).toBe(0);
});

it('says so too if the proxy in the environment is of another kind, or no URL', async () => {
  for (const value of ['socks5://127.0.0.1:1080', '::']) {
    vi.stubEnv('HTTPS_PROXY', value);
    await expect(open('https://media.example/clip.mp4', everywhere)).rejects.toThrow('names a proxy');
  }
});

it('reads a host of NO_PROXY directly, with the check of its address', async () => {
  vi.stubEnv('HTTPS_PROXY', proxyUrl);
  vi.stubEnv('NO_PROXY', '10.0.0.1');
  await expect(open('https://10.0.0.1/clip.mp4', everywhere)).rejects.toThrow('is not public');
  await expect(open('https://10.0.0.2/clip.mp4', everywhere)).rejects.toThrow('names a proxy');
});

it('reads this machine directly, and takes no redirect into the proxy', async () => {
  vi.stubEnv('HTTPS_PROXY', proxyUrl);
  await using server = await SourceServer.start();
  server.files.set('/clip.mp4', { content: Buffer.from('clip') });
  const sources = sourcesFor(server, { https: { allowedOrigins: ['*'] } });
  const source = await open(server.url('/clip.mp4'), sources);
  expect((await bytesOf(source)).toString()).toBe('clip');
  await source.close();
  server.acts.push((_request, response) =>
    response.writeHead(302, { location: 'https://media.example/clip.mp4' }).end(),
  );
  await expect(open(server.url('/clip.mp4'), sources)).rejects.toThrow('names a proxy');
  expect(connections).toBe(0);
});
