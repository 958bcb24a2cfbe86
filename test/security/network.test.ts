/** What the network may not do to an upload; more of it in test/resilience/upload-answers.test.ts and test/gemini/endpoint.test.ts. */

import { createServer as createHttps } from 'node:https';
import { createServer as createTcp } from 'node:net';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  getFile,
  queryUpload,
  sendBytes,
  startUpload,
  type GeminiConnection,
} from '../../src/gemini/index.js';
import { sendHttp } from '../../src/gemini/http.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { connectionTo, KEY, NAME } from '../support/connection.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { httpServer, listening } from '../support/raw-server.js';
import { mentioned } from '../support/readings.js';
import { uploading } from '../support/upload.js';
import { cert, key } from './fixtures/self-signed.js';
import { stopwatch } from '../support/stopwatch.js';

let folder: TestFolder;
beforeAll(async () => void (folder = await testFolder()));
afterAll(() => folder[Symbol.asyncDispose]());

const start = { name: NAME, displayName: 'x', mimeType: 'text/plain', sizeBytes: 5 };

describe('TLS', () => {
  it.each(['127.0.0.1', 'localhost'])('with a self-signed certificate is refused: %s', async (host) => {
    const seen: unknown[] = [];
    const server = createHttps({ key, cert }, (request, response) => {
      seen.push(request.headers);
      response.end('{}');
    });
    await using at = await listening(server);
    const connection = connectionTo(`https://${host}:${at.port}`);
    const session = { url: `https://${host}:${at.port}/upload?upload_id=1`, granularity: 1 };
    for (const call of [
      () => startUpload(connection, start),
      () => queryUpload(connection, session),
      () => getFile(connection, NAME),
    ]) {
      await expect(call()).rejects.toMatchObject({
        kind: 'network-setup',
        retryable: false,
        message: expect.stringMatching(/self-signed/) as unknown,
      });
    }
    expect(seen).toEqual([]);
  });
});

describe('an answer whose head', () => {
  /** A server that sends `first`, and then `more` repeatedly. */
  const talking = (first: string, more: string, everyMs: number) =>
    listening(
      createTcp((socket) => {
        socket.once('data', () => {
          socket.write(first);
          const timer = setInterval(() => socket.write(more), everyMs);
          socket.once('close', () => clearInterval(timer));
        });
      }),
    );
  const bounds = { stallTimeoutMs: 300, requestTimeoutMs: 300 };
  const sending = (port: number, within: Partial<GeminiConnection> = bounds) => {
    const session = { url: `http://127.0.0.1:${port}/upload?upload_id=1`, granularity: 1 };
    const body = (async function* () {
      yield await Promise.resolve(Buffer.from('words'));
    })();
    const input = { offset: 0, contentLength: 5, body, finalize: true };
    return sendBytes(connectionTo(`http://127.0.0.1:${port}`, within), session, input);
  };

  it('comes a byte at a time is given up in time, of data too', async () => {
    await using at = await talking('HTTP/1.1 200 OK\r\nx-drip: ', 'x', 50);
    await expect(sending(at.port)).rejects.toMatchObject({
      kind: 'connection',
      message: expect.stringMatching(/no answer began/) as unknown,
    });
    await expect(
      startUpload(connectionTo(`http://127.0.0.1:${at.port}`, bounds), start),
    ).rejects.toMatchObject({
      kind: 'connection',
    });
  });

  it('never ends is cut at a few bytes', async () => {
    await using at = await talking('HTTP/1.1 200 OK\r\n', `x-long: ${'x'.repeat(4096)}\r\n`, 1);
    const message = expect.stringMatching(/Overflow/i) as unknown;
    await expect(sending(at.port)).rejects.toMatchObject({ kind: 'connection', message });
    await expect(getFile(connectionTo(`http://127.0.0.1:${at.port}`), NAME)).rejects.toMatchObject({
      kind: 'connection',
      message,
    });
  });

  it('is one informational answer after the other is given up', async () => {
    await using at = await talking('', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(4), 20);
    const elapsed = stopwatch();
    // Their number ends it, long before the time does.
    const slow = { stallTimeoutMs: 30_000, requestTimeoutMs: 30_000 };
    const getting = getFile(connectionTo(`http://127.0.0.1:${at.port}`, slow), NAME);
    for (const call of [sending(at.port, slow), getting])
      await expect(call).rejects.toMatchObject({
        kind: 'connection',
        message: expect.stringMatching(/informational/) as unknown,
      });
    expect(elapsed()).toBeLessThan(5000);
  });
});

describe('a header', () => {
  // Each has words that no header and no address has for another reason.
  const names = ['zebra\r\nx-injected: walrus', 'имя 🎬', 'zebra\nwalrus', '"; zebra=walrus'];

  it.each(names)('is never made of a file’s name: %j', async (name) => {
    await using emulator = await GeminiFilesEmulator.start();
    const file = await folder.file(name, 5);
    await uploading(emulator.url, file, { displayName: name });
    await rm(file.path);
    expect([...emulator.files.values()]).toMatchObject([{ displayName: name }]);
    for (const { headers, rawUrl } of emulator.requests) {
      expect(headers).not.toHaveProperty('x-injected');
      for (const said of [rawUrl, ...Object.entries(headers).flat()])
        expect([said, mentioned(String(said), name)]).toEqual([said, []]);
    }
    expect(emulator.requests.map(({ headers }) => headers['x-goog-api-key'])).toEqual([KEY, KEY]);
  });

  // Without this, the test above could pass because it cannot see a name in the form that it has on the wire.
  it.each(names)(
    'made of a file’s name would be seen, in each form that a request can carry: %j',
    async (name) => {
      const latin1Of = (text: string) => Buffer.from(text).toString('latin1');
      const utf8 = latin1Of(name).replace(/[\r\n]+/g, ' ');
      const base64 = Buffer.from(name).toString('base64');
      const forms = {
        'x-percent': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
        'x-utf8': `attachment; filename="${utf8}"`,
        'x-base64': `=?UTF-8?B?${base64}?=`,
        'x-metadata': `filename ${base64},type dmlkZW8=`,
        'x-first-word': latin1Of(/\p{L}+/u.exec(name)?.[0] ?? ''),
      };
      const seen: string[][] = [];
      await using server = await httpServer((request, response) => {
        const said = [request.url, ...Object.keys(forms).map((form) => request.headers[form])];
        seen.push(...said.map((one) => mentioned(String(one), name)));
        response.end();
      });
      const url = new URL(`${server.url}/upload?name=${encodeURIComponent(name)}`);
      const limits = { stallTimeoutMs: 5000, answerTimeoutMs: 5000 };
      await sendHttp({ method: 'GET', url, headers: forms, contentLength: 0, ...limits });
      expect(seen).toHaveLength(1 + Object.keys(forms).length);
      for (const words of seen) expect(words).not.toEqual([]);
    },
  );

  it.each(['video/mp4\r\nx-injected: y', 'video/é', 'video/mp4 ', ''])(
    'is not made of the MIME type %j either',
    async (mimeType) => {
      await using emulator = await GeminiFilesEmulator.start();
      await expect(startUpload(connectionTo(emulator.url), { ...start, mimeType })).rejects.toMatchObject({
        name: 'InvalidOptionsError',
      });
      expect(emulator.requests).toEqual([]);
    },
  );
});
