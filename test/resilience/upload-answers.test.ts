/** Answers that should not be believed, followed, waited for or repeated. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteFile, getFile, listFiles, queryUpload, startUpload } from '../../src/gemini/index.js';
import { faults, GeminiFilesEmulator, type FaultTarget } from '../../src/testing/index.js';
import { connectionTo, KEY, NAME } from '../support/connection.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { httpServer, rawServer } from '../support/raw-server.js';
import { MiB, story, uploading } from '../support/upload.js';

let folder: TestFolder;
let big: TestFile;
let small: TestFile;

beforeAll(async () => {
  folder = await testFolder();
  big = await folder.file('big.bin', 64 * MiB);
  small = await folder.file('small.bin', 1 * MiB);
});
afterAll(() => folder[Symbol.asyncDispose]());

const start = { name: NAME, displayName: 'x', mimeType: 'text/plain', sizeBytes: 5 };

// A gateway, or somebody in between, sends the client elsewhere: the key and the file would go with it.
describe('a redirect is not followed', () => {
  const calls: [FaultTarget, (url: string) => Promise<unknown>][] = [
    ['start', (url) => startUpload(connectionTo(url), start)],
    ['upload', (url) => uploading(url, small)],
    ['query', async (url) => queryUpload(connectionTo(url), await startUpload(connectionTo(url), start))],
    ['get', (url) => getFile(connectionTo(url), NAME)],
    ['delete', (url) => deleteFile(connectionTo(url), NAME)],
    ['list', (url) => listFiles(connectionTo(url))],
  ];
  it.each(calls)('at %s', async (on, call) => {
    await using elsewhere = await GeminiFilesEmulator.start();
    await using emulator = await GeminiFilesEmulator.start({
      faults: [301, 307].map((status) =>
        faults.respond(on, status, { headers: { Location: `${elsewhere.url}/v1beta/files` } }),
      ),
    });
    await expect(call(emulator.url)).rejects.toMatchObject({ kind: 'unavailable', status: 301 });
    await expect(call(emulator.url)).rejects.toMatchObject({ kind: 'unavailable', status: 307 });
    expect(elsewhere.requests).toEqual([]);
    emulator.assertFaultsConsumed();
  });
});

// The upload URL comes from the server; taken as it is, it could carry key and file to any host.
it('an upload URL on another host is used on the configured one', async () => {
  await using elsewhere = await GeminiFilesEmulator.start();
  const headers = {
    'X-Goog-Upload-URL': `${elsewhere.url}/upload/v1beta/files?upload_id=1`,
    'X-Goog-Upload-Status': 'active',
  };
  await using emulator = await GeminiFilesEmulator.start({
    faults: [faults.respond('start', 200, { headers })],
  });
  // The made-up session is not known there.
  await expect(uploading(emulator.url, small)).rejects.toMatchObject({ kind: 'session-lost', status: 404 });
  expect(elsewhere.requests).toEqual([]);
  expect(story(emulator)).toEqual(['start 200', 'finalize 0 404', 'get 403']);
});

// Behind a gateway the API has a path prefix, and the gateway does not put it into the answers.
it('a path prefix of the base URL is kept by every request', async () => {
  await using emulator = await GeminiFilesEmulator.start({
    pathPrefix: '/gemini',
    queryAfterFinal: 'empty',
    faults: [{ on: 'finalize', do: 'loseAnswer' }],
  });
  await uploading(emulator.url, small);
  await deleteFile(connectionTo(emulator.url), NAME);
  expect(emulator.requests.map(({ path }) => path.replace(/\?.*/, ''))).toEqual([
    '/gemini/upload/v1beta/files',
    '/gemini/upload/v1beta/files',
    '/gemini/upload/v1beta/files',
    `/gemini/v1beta/${NAME}`,
    `/gemini/v1beta/${NAME}`,
  ]);
});

// An intermediary has lost the `finalize` of the command, or the answer to it: only the query shows which.
it.each([
  ['before', ['start 200', 'finalize 0+1 200', 'query 200', 'finalize 0+1 200']],
  ['after', ['start 200', 'finalize 0+1 200', 'query 200']],
] as const)(
  'a finalize that is answered `active`, %s its work, is followed by a query',
  async (work, lines) => {
    await using emulator = await GeminiFilesEmulator.start();
    const headers = { 'X-Goog-Upload-Status': 'active' };
    emulator.addFaults({ on: 'finalize', do: 'respond', status: 200, headers, work });
    expect(await uploading(emulator.url, small)).toMatchObject({ sha256: small.sha256 });
    expect(story(emulator)).toEqual(lines);
  },
);

it('an upload that is answered with another file is none', async () => {
  await using emulator = await GeminiFilesEmulator.start();
  const other = { file: { name: 'files/another', state: 'ACTIVE', sizeBytes: String(small.sizeBytes) } };
  emulator.addFaults({
    on: 'finalize',
    do: 'respond',
    status: 200,
    json: other,
    headers: { 'x-goog-upload-status': 'final' },
  });
  await expect(uploading(emulator.url, small)).rejects.toMatchObject({
    name: 'UploadFailedError',
    message: `The provider answered the upload of ${NAME} with another file, files/another`,
  });
});

it('the key goes in its header alone, and the name of the file in no header', async () => {
  await using emulator = await GeminiFilesEmulator.start();
  await uploading(emulator.url, small, { displayName: 'имя файла.bin' });
  await getFile(connectionTo(emulator.url), NAME);
  for (const { rawUrl, headers } of emulator.requests) {
    expect(rawUrl).not.toContain(KEY);
    expect(headers['x-goog-api-key']).toBe(KEY);
    expect(Object.keys(headers)).not.toContain('x-goog-upload-file-name');
  }
  expect(emulator.files.get(NAME)?.displayName).toBe('имя файла.bin');
});

// Servers echo what they were asked in their errors; those end in histories and logs.
it('an error does not repeat the key or the secret of the session', async () => {
  await using echo = await httpServer((request, response) => {
    request.resume();
    response.writeHead(400).end(`bad: ${request.url} ${String(request.headers['x-goog-api-key'])}`);
  });
  const session = { url: `${echo.url}/upload?upload_id=SECRET-OF-THE-SESSION`, granularity: 1 };
  for (const call of [queryUpload(connectionTo(echo.url), session), getFile(connectionTo(echo.url), NAME)]) {
    const message = await call.then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).toContain('bad:');
    expect(message).not.toContain(KEY);
    expect(message).not.toContain('SECRET');
  }
});

// Sixty more megabytes to a server that has already said no would change nothing.
describe('an answer that comes before the end of the body ends the sending', () => {
  it.each([
    ['a verdict', faults.error('upload', 403, 'Not you.'), { kind: 'rejected', status: 403 }],
    ['a wrong key', faults.error('upload', 401, 'Who are you?'), { kind: 'credentials', status: 401 }],
    ['a busy server', faults.unavailable('upload'), { kind: 'unavailable', status: 503 }],
  ] as const)('%s', async (_, fault, error) => {
    await using emulator = await GeminiFilesEmulator.start({
      faults: [{ ...fault, early: true } as typeof fault],
    });
    await expect(uploading(emulator.url, big)).rejects.toMatchObject(error);
    const [, data] = emulator.requests;
    await emulator.waitFor((all) => all.length === 2);
    expect(data?.bytes).toBeLessThan(8 * MiB);
  });

  it('and the next request goes through', async () => {
    await using emulator = await GeminiFilesEmulator.start({
      faults: [faults.respond('upload', 400, { text: 'odd', early: true })],
    });
    await uploading(emulator.url, big);
    expect(story(emulator)).toEqual([
      'start 200',
      'finalize 0 400',
      'query 200',
      'upload 0+32 200',
      'finalize 32+32 200',
    ]);
  });
});

describe('an answer without end is cut', () => {
  // Memory would run full before any clock did.
  it('where it is fast', async () => {
    await using endless = await httpServer((request, response) => {
      request.resume();
      const more = (): void => {
        while (response.write(Buffer.alloc(64 * 1024, ' ')));
      };
      response.on('drain', more);
      more();
    });
    const message = /longer than 1048576 bytes/;
    await expect(startUpload(connectionTo(endless.url), start)).rejects.toThrow(message);
    await expect(getFile(connectionTo(endless.url), NAME)).rejects.toThrow(message);
    await expect(uploading(endless.url, small)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  // A byte now and then keeps every stall timeout away.
  it('where it is slow', async () => {
    await using drip = await httpServer((request, response) => {
      request.resume();
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    });
    const connection = connectionTo(drip.url, { requestTimeoutMs: 300 });
    const session = { url: `${drip.url}/upload?upload_id=1`, granularity: 1 };
    await expect(queryUpload(connection, session)).rejects.toMatchObject({ kind: 'connection' });
    await expect(getFile(connection, NAME)).rejects.toMatchObject({ kind: 'connection' });
    await expect(
      uploading(drip.url, small, {
        connection: { requestTimeoutMs: 300 },
        resume: { session, fingerprint: await fingerprint() },
      }),
    ).rejects.toMatchObject({ kind: 'connection' });
  });
});

async function fingerprint() {
  const { stat } = await import('node:fs/promises');
  const { size, mtimeNs } = await stat(small.path, { bigint: true });
  return { sizeBytes: Number(size), version: String(mtimeNs) };
}

// The server does not answer the handshake: the system's own timeout would be minutes.
it('a TLS handshake that is not answered ends in time', async () => {
  await using silent = await rawServer(() => undefined);
  const url = `https://127.0.0.1:${silent.port}`;
  const session = { url: `${url}/upload?upload_id=1`, granularity: 1 };
  const { sendBytes } = await import('../../src/gemini/index.js');
  const body = (async function* () {
    yield Buffer.from('12345');
    await Promise.resolve();
  })();
  await expect(
    sendBytes(connectionTo(url, { stallTimeoutMs: 300 }), session, {
      offset: 0,
      contentLength: 5,
      body,
      finalize: true,
    }),
  ).rejects.toThrow('no byte moved for 300 ms');
});
