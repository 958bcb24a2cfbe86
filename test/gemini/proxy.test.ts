/** All requests through a proxy that alone knows `files.test`: the name does not resolve on this machine. */

import { createServer as createTcp, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { deleteFile, getFile, listFiles, sendBytes, startUpload } from '../../src/gemini/index.js';
import { faults, GeminiFilesEmulator } from '../../src/testing/index.js';
import { connectionTo, KEY, NAME } from '../support/connection.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { startProxy, tlsBefore, type ProxyOptions } from '../support/proxy.js';
import { listening, type ListeningServer } from '../support/raw-server.js';
import { bytesReceived, MiB, uploading } from '../support/upload.js';

const BASE = 'https://files.test';
const LOGIN = `Basic ${Buffer.from('anna:s3cret').toString('base64')}`;
let folder: TestFolder;
let emulator: GeminiFilesEmulator;
let tls: ListeningServer;

beforeAll(async () => {
  folder = await testFolder();
  // Its certificate is this test's own; what becomes of one that is not trusted is in certificates.test.ts.
  vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await folder[Symbol.asyncDispose]();
});
beforeEach(async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  emulator = await GeminiFilesEmulator.start({ apiKeys: [KEY] });
  tls = await tlsBefore(Number(new URL(emulator.url).port));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await tls[Symbol.asyncDispose]();
  await emulator.close();
});

async function proxied(options: Partial<ProxyOptions> = {}, user = '') {
  const proxy = await startProxy({ hosts: { 'files.test:443': tls.port }, ...options });
  vi.stubEnv('HTTPS_PROXY', proxy.url.replace('//', `//${user}`));
  return proxy;
}

const start = { name: NAME, displayName: 'x', mimeType: 'text/plain', sizeBytes: 5 };

describe('through CONNECT', () => {
  it('go start, data, get, list and delete, on connections that are kept', async () => {
    await using proxy = await proxied();
    const file = await folder.file('talk.mp4', 20 * MiB);
    const uploaded = await uploading(BASE, file, { requestBytes: 8 * MiB });
    expect(uploaded).toMatchObject({ name: NAME, sizeBytes: 20 * MiB, sha256: file.sha256 });
    await getFile(connectionTo(BASE), NAME);
    expect((await listFiles(connectionTo(BASE))).files).toHaveLength(1);
    await deleteFile(connectionTo(BASE), NAME);
    expect(emulator.requests.map(({ operation }) => operation)).toEqual([
      'start',
      'upload',
      'upload',
      'upload',
      'get',
      'list',
      'delete',
    ]);
    expect(proxy.asked).toEqual(['CONNECT files.test:443']);
  });

  it('the proxy gets its user and password, and the server does not', async () => {
    await using proxy = await proxied({ authorization: LOGIN }, 'anna:s3cret@');
    await startUpload(connectionTo(BASE), start);
    expect(proxy.asked).toEqual(['CONNECT files.test:443']);
    expect(JSON.stringify(emulator.requests)).not.toMatch(/s3cret|proxy-auth|Basic/i);
  });

  it('an early answer is read at once, and not after the body', async () => {
    await using proxy = await proxied();
    emulator.addFaults(faults.respond('upload', 503, { early: true }));
    const file = await folder.file('early.mp4', 64 * MiB);
    await expect(uploading(BASE, file)).rejects.toMatchObject({ kind: 'unavailable', status: 503 });
    expect(bytesReceived(emulator)).toBeLessThan(32 * MiB);
    expect(proxy.asked).not.toEqual([]);
  });

  it('a stall is noticed', async () => {
    const silent = createTcp((socket) => void socket.resume());
    await using at = await listening(silent);
    await using proxy = await proxied({ hosts: { 'files.test:443': at.port } });
    await expect(
      getFile(connectionTo(BASE, { stallTimeoutMs: 200, requestTimeoutMs: 5000 }), NAME),
    ).rejects.toMatchObject({ kind: 'connection', message: expect.stringContaining(proxy.url) as unknown });
  });

  it.each([
    ['says nothing', () => undefined],
    ['drips', (socket: Socket) => void dripInto(socket)],
  ])('a proxy that %s is given up in time, for data too', async (_, onConnect) => {
    await using proxy = await proxied({ onConnect });
    const bounds = { stallTimeoutMs: 300, requestTimeoutMs: 20_000 };
    const body = (async function* () {
      yield await Promise.resolve(Buffer.from('words'));
    })();
    const session = { url: `${BASE}/upload?upload_id=1`, granularity: 1 };
    const input = { offset: 0, contentLength: 5, body, finalize: true };
    await expect(sendBytes(connectionTo(BASE, bounds), session, input)).rejects.toMatchObject({
      kind: 'connection',
      message: `upload: ${BASE} through the proxy ${proxy.url} failed: the proxy did not answer CONNECT in 300 ms`,
    });
  });
});

function dripInto(socket: Socket): void {
  socket.write('HTTP/1.1 200 Connected\r\nx-drip: ');
  const timer = setInterval(() => socket.write('x'), 50);
  socket.once('close', () => clearInterval(timer));
}

describe('a proxy that refuses', () => {
  it.each([
    ['asks for a login', '', undefined],
    ['does not accept the login', 'anna:s3cret@', 'Basic other'],
  ])('because it %s is reported as such, for good', async (_, user, authorization = 'Basic x') => {
    await using proxy = await proxied({ authorization }, user);
    for (const call of [
      () => getFile(connectionTo(BASE), NAME),
      () => startUpload(connectionTo(BASE), start),
    ]) {
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: 'network-setup', retryable: false, status: 407 });
      expect((error as Error).message).toContain(`through the proxy ${proxy.url}`);
      expect((error as Error).message).toMatch(/the proxy asks for a user and a password/);
      expect(String((error as Error).stack)).not.toMatch(/s3cret/);
    }
    expect(emulator.requests).toEqual([]);
  });

  it.each([403, 502, 503])('with %s may do it later', async (status) => {
    await using proxy = await proxied({
      onConnect: (socket) => void socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`),
    });
    await expect(getFile(connectionTo(BASE), NAME)).rejects.toMatchObject({
      kind: 'unavailable',
      retryable: true,
      status,
      message: `get: ${BASE}/v1beta/${NAME} through the proxy ${proxy.url} failed: the proxy answered CONNECT with ${status}`,
    });
  });

  it.each([
    ['closes', (socket: Socket) => void socket.destroy()],
    ['speaks another language', (socket: Socket) => void socket.end('SSH-2.0-x\r\n')],
    ['is half done', (socket: Socket) => void socket.end('HTTP/1.1 200 Connected\r\n\r\n')],
  ])('because it %s counts as a broken connection', async (_, onConnect) => {
    await using proxy = await proxied({ onConnect });
    await expect(getFile(connectionTo(BASE), NAME)).rejects.toMatchObject({
      kind: 'connection',
      message: expect.stringContaining(`through the proxy ${proxy.url} failed: `) as unknown,
    });
  });

  it('is not there: a broken connection too', async () => {
    const proxy = await proxied();
    await proxy[Symbol.asyncDispose]();
    await expect(getFile(connectionTo(BASE), NAME)).rejects.toMatchObject({
      kind: 'connection',
      message: expect.stringContaining(`${proxy.url} failed: connect ECONNREFUSED`) as unknown,
    });
  });
});

describe('plain http', () => {
  const insecure = { allowInsecureBaseUrl: true };
  it('to another host goes through the proxy by its whole URL', async () => {
    const port = Number(new URL(emulator.url).port);
    await using proxy = await startProxy({ hosts: { 'files.test:80': port }, authorization: LOGIN });
    vi.stubEnv('HTTP_PROXY', proxy.url.replace('//', '//anna:s3cret@'));
    const connection = { ...connectionTo('https://x.test', insecure), baseUrl: new URL('http://files.test') };
    const session = await startUpload(connection, start);
    const body = (async function* () {
      yield await Promise.resolve(Buffer.from('words'));
    })();
    await sendBytes(connection, session, { offset: 0, contentLength: 5, body, finalize: true });
    await getFile(connection, NAME);
    expect(proxy.asked).toEqual([
      'POST http://files.test/upload/v1beta/files',
      expect.stringMatching(/^POST http:\/\/files\.test\/upload/),
      `GET http://files.test/v1beta/${NAME}`,
    ]);
  });

  it('a login that the proxy does not accept is the proxy’s refusal', async () => {
    await using proxy = await startProxy({ hosts: {}, authorization: 'Basic other' });
    vi.stubEnv('HTTP_PROXY', proxy.url.replace('//', '//anna:s3cret@'));
    const connection = { ...connectionTo('https://x.test', insecure), baseUrl: new URL('http://files.test') };
    await expect(getFile(connection, NAME)).rejects.toMatchObject({ kind: 'network-setup', status: 407 });
  });
});

describe('no proxy', () => {
  it.each(['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'])(
    'stands before this machine, whatever %s says',
    async (name) => {
      await using proxy = await startProxy({ hosts: {} });
      vi.stubEnv(name, proxy.url);
      vi.stubEnv('NODE_USE_ENV_PROXY', '1');
      await startUpload(connectionTo(emulator.url), start);
      expect(proxy.asked).toEqual([]);
    },
  );

  it('stands before a host of NO_PROXY', async () => {
    await using proxy = await proxied();
    vi.stubEnv('NO_PROXY', '.test');
    await expect(getFile(connectionTo(BASE), NAME)).rejects.toMatchObject({
      message: `get: ${BASE}/v1beta/${NAME} failed: getaddrinfo ENOTFOUND files.test`,
    });
    expect(proxy.asked).toEqual([]);
  });
});
