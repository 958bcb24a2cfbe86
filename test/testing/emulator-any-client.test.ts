/** What other clients of Gemini send: multipart uploads, streams, models, requests of a browser; and what is not served. */

import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import type { GeminiFilesEmulator } from '../../src/testing/index.js';
import { api, json, KEY, open, answerTo, rpcError, send, sha256, startEmulator } from './emulator-http.js';

const BOUNDARY = 'a-boundary';

/** Two parts, as the deprecated SDK of JavaScript sends them. */
function parts(
  file: object | string,
  content: Buffer | string,
  type = 'Content-Type: audio/mpeg\r\n',
): Buffer {
  const metadata = typeof file === 'string' ? file : JSON.stringify({ file });
  return Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Type: application/json; charset=utf-8\r\n\r\n${metadata}\r\n`),
    Buffer.from(`--${BOUNDARY}\r\n${type}\r\n`),
    Buffer.from(content),
    Buffer.from(`\r\n--${BOUNDARY}--`),
  ]);
}

const HEADERS = {
  'x-goog-api-key': KEY,
  'x-goog-upload-protocol': 'multipart',
  'content-type': `multipart/related; boundary=${BOUNDARY}`,
};
const PATH = '/upload/v1beta/files';

describe('a multipart upload', () => {
  const upload = (emulator: GeminiFilesEmulator, body: Buffer | string, more: Record<string, string> = {}) =>
    send(`${emulator.url}${PATH}`, { headers: { ...HEADERS, ...more }, body });

  it('makes the file in one request', async () => {
    const emulator = await startEmulator();
    // Line ends and most of a boundary are content like any other.
    const content = Buffer.from(`\r\n--${BOUNDARY.slice(0, -1)}\r\n\r\n--\0\xff`, 'latin1');
    const answer = await upload(emulator, parts({ name: 'files/song', displayName: 'Größe' }, content));
    expect(answer.status).toBe(200);
    expect(json(answer)).toMatchObject({
      file: {
        name: 'files/song',
        displayName: 'Größe',
        mimeType: 'audio/mpeg',
        sizeBytes: String(content.length),
        sha256Hash: Buffer.from(sha256(content)).toString('base64'),
        state: 'ACTIVE',
      },
    });
    expect(emulator.requests).toMatchObject([{ operation: 'multipart', file: 'files/song', status: 200 }]);
  });

  it.each([
    ['?uploadType=multipart', {}],
    ['', { 'x-goog-upload-protocol': 'Multipart' }],
    ['', { 'content-type': `multipart/related; charset=utf-8; boundary="${BOUNDARY}"` }],
  ])('is recognised by %j and %j', async (query, more: Record<string, string>) => {
    const emulator = await startEmulator();
    const { 'x-goog-api-key': key, 'content-type': type } = HEADERS;
    const headers = query ? { 'x-goog-api-key': key, 'content-type': type } : { ...HEADERS, ...more };
    const answer = await send(`${emulator.url}${PATH}${query}`, { headers, body: parts({}, 'x') });
    expect(answer.status).toBe(200);
    expect(emulator.files.size).toBe(1);
  });

  it('is the same in pieces of any size', async () => {
    const emulator = await startEmulator();
    const content = Buffer.from('0123456789\r\n--a-bound\r\n--a-');
    const body = parts({ mimeType: 'text/plain' }, content);
    const request = open(`${emulator.url}${PATH}`, {
      headers: { ...HEADERS, 'transfer-encoding': 'chunked' },
    });
    const answer = answerTo(request);
    for (const byte of body) request.write(Buffer.from([byte]));
    request.end();
    expect(json(await answer)).toMatchObject({
      file: { mimeType: 'text/plain', sha256Hash: Buffer.from(sha256(content)).toString('base64') },
    });
  });

  it('takes a file without bytes, and a type from the JSON, the part, or neither', async () => {
    const emulator = await startEmulator();
    for (const [file, type] of [
      [{ mimeType: 'image/png' }, 'Content-Type: audio/mpeg\r\n'],
      [{}, 'content-type: audio/mpeg; x=y\r\n'],
      [{}, ''],
    ] as const)
      await upload(emulator, parts(file, '', type));
    const types = [...emulator.files.values()].map(({ mimeType, sizeBytes }) => [mimeType, sizeBytes]);
    expect(types).toEqual([
      ['image/png', '0'],
      ['audio/mpeg', '0'],
      ['application/octet-stream', '0'],
    ]);
  });

  it.each([
    ['no boundary', parts({}, 'x'), { 'content-type': 'multipart/related' }],
    ['no second part', `--${BOUNDARY}\r\n\r\n{}\r\n--${BOUNDARY}--`, {}],
    ['no end', parts({}, 'x').subarray(0, -5), {}],
    ['nothing', '', {}],
    ['a head that does not end', Buffer.alloc(2 * 1024 * 1024, 'x'), {}],
    ['JSON that is none', parts('{"file":', 'x'), {}],
    ['a name that is none', parts({ name: 'files/-' }, 'x'), {}],
  ])('is 400 with %s, and makes no file', async (_, body, more) => {
    const emulator = await startEmulator();
    expect(rpcError(await upload(emulator, body, more))).toMatchObject({
      http: 400,
      status: 'INVALID_ARGUMENT',
    });
    expect(emulator.files.size).toBe(0);
    expect(emulator.sessions.filter(({ state }) => state === 'active')).toEqual([]);
  });

  it('meets the quota, a taken name, a bad key, and faults', async () => {
    const emulator = await startEmulator({ apiKeys: [KEY], storageQuotaBytes: 10, maxFileBytes: 50 });
    const at = (file: object, content: string, more = {}) => upload(emulator, parts(file, content), more);
    expect((await at({ name: 'files/a' }, '12345')).status).toBe(200);
    expect(rpcError(await at({ name: 'files/a' }, '1')).status).toBe('ALREADY_EXISTS');
    expect(rpcError(await at({}, '123456')).status).toBe('RESOURCE_EXHAUSTED');
    expect(rpcError(await at({}, 'x'.repeat(51))).status).toBe('INVALID_ARGUMENT');
    expect(rpcError(await at({}, '1', { 'x-goog-api-key': 'wrong' })).code).toBe(400);
    emulator.addFaults({ on: 'multipart', do: 'respond', status: 503 });
    expect((await at({}, '1')).status).toBe(503);
    expect([...emulator.files.keys()]).toEqual(['files/a']);
    emulator.assertFaultsConsumed();
  });
});

describe('the published JavaScript client', () => {
  it('streams, counts tokens, and finds models', async () => {
    const emulator = await startEmulator({ processing: '1h', answer: 'A cat sleeps on a chair.' });
    const genai = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: emulator.url } });
    const file = await genai.files.upload({ file: new Blob(['film']), config: { mimeType: 'video/mp4' } });
    const fileData = { fileUri: file.uri ?? '', mimeType: 'video/mp4' };
    const prompt = {
      model: 'gemini-2.5-flash',
      contents: [{ role: 'user', parts: [{ fileData }, { text: 'What?' }] }],
    };
    const notActive = {
      status: 400,
      message: expect.stringContaining('is not in an ACTIVE state') as string,
    };
    await expect(genai.models.generateContentStream(prompt)).rejects.toMatchObject(notActive);
    await expect(genai.models.countTokens(prompt)).rejects.toMatchObject(notActive);

    emulator.activate(file.name ?? '');
    const texts: (string | undefined)[] = [];
    const reasons: unknown[] = [];
    for await (const { text, candidates } of await genai.models.generateContentStream(prompt)) {
      texts.push(text);
      reasons.push(candidates?.[0]?.finishReason);
    }
    expect(texts).toEqual(['A cat sleeps ', 'on a chair.']);
    expect(reasons).toEqual([undefined, 'STOP']);
    expect(await genai.models.countTokens(prompt)).toMatchObject({ totalTokens: 2 });

    const names: (string | undefined)[] = [];
    for await (const { name } of await genai.models.list()) names.push(name);
    expect(names).toContain('models/gemini-2.5-flash');
    expect(await genai.models.get({ model: 'gemini-2.5-flash' })).toMatchObject({
      name: 'models/gemini-2.5-flash',
      displayName: 'Gemini 2.5 Flash',
    });
  });

  it('is told what is not served', async () => {
    const emulator = await startEmulator();
    const genai = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: emulator.url } });
    await expect(genai.caches.list()).rejects.toMatchObject({
      status: 501,
      message: expect.stringContaining(':streamGenerateContent') as string,
    });
  });
});

it('streams a list of JSON without alt=sse', async () => {
  const emulator = await startEmulator({ answer: 'Yes' });
  const body = JSON.stringify({ contents: { parts: { text: 'Is it?' } } });
  const answer = await api(emulator, 'POST', '/v1/models/m:streamGenerateContent', KEY, body);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(json<unknown>(answer)).toMatchObject([
    { candidates: [{ content: { parts: [{ text: 'Yes' }] }, finishReason: 'STOP' }], modelVersion: 'm' },
  ]);
});

it('counts the tokens of a whole request too', async () => {
  const emulator = await startEmulator();
  const body = JSON.stringify({
    generateContentRequest: { contents: [{ parts: [{ text: 'a' }, { text: 'b' }] }] },
  });
  const answer = await api(emulator, 'POST', '/v1beta/models/m:countTokens', KEY, body);
  expect(json(answer)).toEqual({ totalTokens: 2 });
});

it.each([
  ['GET', '/v1beta/models', 200],
  ['GET', '/v1/models/any-model', 200],
  ['POST', '/v1beta/models', 501],
  ['GET', '/v1beta/models/m:generateContent', 501],
  ['POST', '/v1beta/models/m:embedContent', 501],
  ['POST', '/v1beta/files:register', 501],
  ['PATCH', '/v1beta/files/a', 501],
  ['GET', '/v1beta/cachedContents', 501],
  ['GET', '/v2/files', 501],
  ['GET', '/', 501],
  ['POST', '/upload/v1beta/files', 501],
  ['POST', '/upload/v1beta/files?uploadType=media', 501],
  ['POST', '/upload/v1beta/files?upload_protocol=raw', 501],
  ['POST', '/upload/v1beta/files?uploadType=resumable', 501],
  ['PUT', '/upload/v1beta/files?uploadType=media', 501],
  ['GET', '/upload/v1beta/files', 501],
])('%s %s is %i', async (method, path, status) => {
  const emulator = await startEmulator();
  const answer = await api(emulator, method, path);
  expect(answer.status).toBe(status);
  if (status === 501)
    expect(rpcError(answer)).toMatchObject({
      status: 'UNIMPLEMENTED',
      message: expect.stringContaining('POST /upload/v1beta/files') as string,
    });
});

it('takes the bytes alone for what it does not serve', async () => {
  const emulator = await startEmulator();
  const headers = { 'x-goog-api-key': KEY, 'x-goog-upload-protocol': 'raw', 'content-type': 'video/mp4' };
  const answer = await send(`${emulator.url}${PATH}`, { headers, body: 'the bytes of a film' });
  expect(rpcError(answer)).toMatchObject({ code: 501, status: 'UNIMPLEMENTED' });
  expect(rpcError(answer).message).toContain('POST /upload/v1beta/files (resumable and multipart)');
  expect(emulator.files.size).toBe(0);
});

it('asks for a key to list models', async () => {
  const emulator = await startEmulator({ apiKeys: [KEY] });
  expect(rpcError(await api(emulator, 'GET', '/v1beta/models', 'wrong')).code).toBe(400);
});

describe('a page in a browser', () => {
  const origin = 'http://localhost:5173';

  it('is allowed to send what an upload sends', async () => {
    const emulator = await startEmulator({ faults: [{ on: '*', do: 'reset' }] });
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-goog-api-key,x-goog-upload-command',
    };
    const answer = await send(`${emulator.url}${PATH}`, { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
      'access-control-allow-headers': headers['access-control-request-headers'],
    });
    // Neither a request of the test's, nor one that meets a fault.
    expect(emulator.requests).toEqual([]);
  });

  it('can read the answers, errors too, and the headers of an upload', async () => {
    const emulator = await startEmulator();
    const ask = (headers: Record<string, string>) =>
      send(`${emulator.url}/v1beta/files/none`, { method: 'GET', headers });
    const denied = await ask({ origin, 'x-goog-api-key': KEY });
    expect(denied.status).toBe(403);
    expect(denied.headers['access-control-allow-origin']).toBe('*');
    expect(denied.headers['access-control-expose-headers']).toContain('X-Goog-Upload-URL');
    expect((await ask({ 'x-goog-api-key': KEY })).headers).not.toHaveProperty('access-control-allow-origin');
  });
});

it.each([
  ['0.0.0.0', '127.0.0.1'],
  ['localhost', 'localhost'],
  ['127.0.0.1', '127.0.0.1'],
])('listens on %s, and says how this machine reaches it', async (host, shown) => {
  const emulator = await startEmulator({ host });
  expect(new URL(emulator.url).hostname).toBe(shown);
  expect((await api(emulator, 'GET', '/v1beta/files')).status).toBe(200);
});
