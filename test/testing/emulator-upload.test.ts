/** The resumable upload protocol, request by request. */

import { describe, expect, it } from 'vitest';
import {
  answerTo,
  commandHeaders,
  json,
  KEY,
  open,
  received,
  rpcError,
  send,
  session,
  sha256,
  start,
  startEmulator,
  upload,
  uploadWhole,
} from './emulator-http.js';

const uploadStatus = 'x-goog-upload-status';

describe('start', () => {
  it('answers with the session in headers and makes no file', async () => {
    const emulator = await startEmulator();
    const answer = await start(emulator, { length: 5, file: { name: 'files/a' } });
    const [opened] = emulator.sessions;
    const url = `${emulator.url}/upload/v1beta/files?upload_id=${opened?.id}&upload_protocol=resumable`;
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(answer.headers).toMatchObject({
      [uploadStatus]: 'active',
      'x-goog-upload-url': url,
      'x-goog-upload-control-url': url,
      'x-goog-upload-chunk-granularity': '8388608',
      'x-guploader-uploadid': opened?.id,
    });
    expect(opened).toEqual({
      id: opened?.id,
      state: 'active',
      name: 'files/a',
      displayName: undefined,
      mimeType: 'text/plain',
      declaredBytes: 5,
      receivedBytes: 0,
    });
    expect(emulator.files.size).toBe(0);
  });

  it.each([
    '/upload/v1/files',
    '/upload/v1beta/files',
    '/resumable/upload/v1/files',
    '/resumable/upload/v1beta/files',
  ])('is served under %s', async (path) => {
    const emulator = await startEmulator();
    const url = await session(emulator, { path, length: 1 });
    expect(new URL(url).pathname).toBe(path);
    expect((await upload(url, 'upload, finalize', 0, 'x')).status).toBe(200);
  });

  it('takes the key from the query and gives it back in the upload URL, but keeps it out of `path`', async () => {
    const emulator = await startEmulator({ apiKeys: ['secret'] });
    const path = '/upload/v1beta/files?key=secret';
    const url = await session(emulator, { path, headers: { 'x-goog-api-key': '' } });
    expect(new URL(url).searchParams.get('key')).toBe('secret');
    expect(emulator.requests[0]).toMatchObject({ path: '/upload/v1beta/files?key=REDACTED', rawUrl: path });
  });

  it('gives an upload URL on the host that the client asked', async () => {
    const emulator = await startEmulator();
    const port = new URL(emulator.url).port;
    const url = await session(emulator, { headers: { host: `localhost:${port}` } });
    expect(new URL(url).origin).toBe(`http://localhost:${port}`);
  });

  it('is served under a path prefix, and gives an upload URL without it', async () => {
    const emulator = await startEmulator({ pathPrefix: '/gateway/' });
    const url = new URL(await session(emulator, { length: 1 }));
    expect(emulator.url).toBe(`${url.origin}/gateway`);
    expect(url.pathname).toBe('/upload/v1beta/files');
    expect((await upload(url.href, 'upload, finalize', 0, 'x')).status).toBe(404);
    url.pathname = `/gateway${url.pathname}`;
    expect((await upload(url.href, 'upload, finalize', 0, 'x')).status).toBe(200);
  });

  it.each([
    ["{'file': {'display_name': 'It\\'s \"A\"', 'mime_type': 'image/png', 'name': 'files/x'}}"],
    ['{"file":{"displayName":"It\'s \\"A\\"","mimeType":"image/png","name":"files/x","sizeBytes":"0"}}'],
  ])('takes %s', async (body) => {
    const emulator = await startEmulator();
    await session(emulator, { body });
    expect(emulator.sessions[0]).toMatchObject({
      displayName: 'It\'s "A"',
      mimeType: 'image/png',
      name: 'files/x',
    });
  });

  it('refuses a missing key, a bad key, and JSON that is none', async () => {
    const emulator = await startEmulator({ apiKeys: [KEY] });
    expect(rpcError(await start(emulator, { key: '' }))).toEqual({
      http: 403,
      code: 403,
      message:
        "Method doesn't allow unregistered callers (callers without established identity). " +
        'Please use API Key or other form of API consumer identity to call this API.',
      status: 'PERMISSION_DENIED',
    });
    expect(json(await start(emulator, { key: 'bad' }))).toEqual({
      error: {
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'API_KEY_INVALID',
            domain: 'googleapis.com',
            metadata: { service: 'generativelanguage.googleapis.com' },
          },
          {
            '@type': 'type.googleapis.com/google.rpc.LocalizedMessage',
            locale: 'en-US',
            message: 'API key not valid. Please pass a valid API key.',
          },
        ],
      },
    });
    expect(rpcError(await start(emulator, { body: '{"file":' }))).toMatchObject({
      http: 400,
      status: 'INVALID_ARGUMENT',
    });
    expect(emulator.sessions).toEqual([]);
  });

  it.each(['files/-a', 'files/a-', 'files/A', 'a', 'files/', 'files/a_b', `files/${'a'.repeat(41)}`])(
    'refuses the name %s',
    async (name) => {
      const emulator = await startEmulator();
      expect(rpcError(await start(emulator, { file: { name } }))).toMatchObject({
        http: 400,
        status: 'INVALID_ARGUMENT',
      });
    },
  );

  it('takes a name of 40 characters, and a display name of 512 but not of 513', async () => {
    const emulator = await startEmulator();
    expect(
      (await start(emulator, { file: { name: `files/${'a'.repeat(40)}`, displayName: 'ü'.repeat(512) } }))
        .status,
    ).toBe(200);
    expect((await start(emulator, { file: { displayName: 'u'.repeat(513) } })).status).toBe(400);
  });

  it.each([[{}, 400] as const, [{ tooLargeStatus: 413 }, 413] as const])(
    'refuses more than 2 GiB, with %o',
    async (options, status) => {
      const emulator = await startEmulator(options);
      expect((await start(emulator, { length: 2147483648 })).status).toBe(200);
      expect(rpcError(await start(emulator, { length: 2147483649 }))).toMatchObject({
        http: status,
        status: 'INVALID_ARGUMENT',
      });
    },
  );

  it('refuses other protocols and unknown commands', async () => {
    const emulator = await startEmulator();
    expect((await start(emulator, { headers: { 'x-goog-upload-protocol': 'raw' } })).status).toBe(400);
    expect((await start(emulator, { headers: { 'x-goog-upload-command': 'begin' } })).status).toBe(400);
    expect((await start(emulator, { headers: { 'x-goog-upload-header-content-length': '-1' } })).status).toBe(
      400,
    );
  });
});

describe('data', () => {
  it('accepts chunks, reports the offset, and creates the file at finalize', async () => {
    const emulator = await startEmulator({ granularity: 4 });
    const url = await session(emulator, { length: 10, file: { name: 'files/ten' } });
    const first = await upload(url, 'upload', 0, '0123');
    expect(first).toMatchObject({ status: 200, text: '', headers: { [uploadStatus]: 'active' } });
    expect(first.headers).not.toHaveProperty('x-goog-upload-size-received');
    expect(await upload(url, 'query')).toMatchObject({
      status: 200,
      text: '',
      headers: { [uploadStatus]: 'active', 'x-goog-upload-size-received': '4' },
    });
    expect(emulator.files.size).toBe(0);
    expect((await upload(url, 'upload', 4, '4567')).status).toBe(200);
    const last = await upload(url, 'upload, finalize', 8, '89');
    expect(last).toMatchObject({ status: 200, headers: { [uploadStatus]: 'final' } });
    expect(json(last)).toMatchObject({ file: { name: 'files/ten', sizeBytes: '10', state: 'ACTIVE' } });
    expect(emulator.files.get('files/ten')?.sha256).toBe(sha256('0123456789'));
    expect(emulator.sessions).toMatchObject([{ state: 'final', receivedBytes: 10, name: 'files/ten' }]);
  });

  it.each(['upload, finalize', 'upload,finalize', 'Upload,  FINALIZE', 'UPLOAD , finalize'])(
    'understands "%s"',
    async (command) => {
      const emulator = await startEmulator();
      const url = await session(emulator);
      expect((await upload(url, command, 0, 'x')).headers[uploadStatus]).toBe('final');
    },
  );

  it.each([
    ['upload, finalize', 4],
    ['finalize', undefined],
    ['finalize', 4],
  ] as const)('ends with an empty "%s" at %s', async (command, offset) => {
    const emulator = await startEmulator({ granularity: 4 });
    const url = await session(emulator, { length: 4 });
    await upload(url, 'upload', 0, 'abcd');
    expect(json(await upload(url, command, offset))).toMatchObject({ file: { sizeBytes: '4' } });
  });

  it('takes a body of unknown length', async () => {
    const emulator = await startEmulator({ granularity: 4 });
    const url = await session(emulator);
    const headers = { 'transfer-encoding': 'chunked' };
    expect(
      (await send(url, { headers: { ...commandHeaders('upload', 0), ...headers }, body: 'abcd' })).status,
    ).toBe(200);
    expect(
      await send(url, { headers: { ...commandHeaders('upload', 4), ...headers }, body: 'efghi' }),
    ).toMatchObject({
      status: 400,
      text: 'The client sent 5 bytes, which is not a multiple of the 4 byte chunk granularity.',
    });
    expect(await received(url)).toBe(4);
  });

  it('refuses a request of an odd size, before its body came', async () => {
    const emulator = await startEmulator();
    const url = await session(emulator, { length: 10_000_000 });
    const opened = open(url, { headers: { ...commandHeaders('upload', 0), 'content-length': '821333' } });
    opened.flushHeaders();
    expect(await answerTo(opened)).toMatchObject({
      status: 400,
      headers: { [uploadStatus]: 'active', 'content-type': 'text/plain; charset=utf-8' },
      text: 'The client sent 821333 bytes, which is not a multiple of the 8388608 byte chunk granularity.',
    });
    opened.destroy();
    expect(await received(url)).toBe(0);
  });

  it('lets a client that is still writing, and wants the connection closed, read an early answer', async () => {
    const emulator = await startEmulator();
    const url = await session(emulator, { length: 64_000_000 });
    const body = Buffer.alloc(32_000_001);
    const headers = {
      ...commandHeaders('upload', 7),
      connection: 'close',
      'content-length': String(body.length),
    };
    expect(await send(url, { headers, body })).toMatchObject({
      status: 409,
      text: 'Invalid offset: expected 0, got 7',
    });
    await emulator.waitFor((requests) => requests.at(-1)?.bytes === body.length);
  });

  it.each([
    [{}, 409, 'Invalid offset: expected 4, got 8'],
    [
      { wrongOffsetStatus: 400, wrongOffsetText: (a: number, b: number) => `${a} != ${b}` } as const,
      400,
      '4 != 8',
    ],
  ])('refuses another offset, with %o', async (options, status, text) => {
    const emulator = await startEmulator({ granularity: 4, ...options });
    const url = await session(emulator, { length: 12 });
    await upload(url, 'upload', 0, 'abcd');
    expect(await upload(url, 'upload', 8, 'ijkl')).toMatchObject({
      status,
      text,
      headers: { [uploadStatus]: 'active' },
    });
    expect((await upload(url, 'upload', 0, 'abcd')).status).toBe(status);
    expect((await upload(url, 'upload')).status).toBe(status);
    expect(await received(url)).toBe(4);
  });

  it.each([
    ['upload', 0, 'abcdefgh'],
    ['upload, finalize', 0, 'abcdef'],
    ['upload, finalize', 0, 'abc'],
  ] as const)('rejects "%s" at %s of %s where 5 bytes were declared', async (command, offset, body) => {
    const emulator = await startEmulator({ granularity: 4 });
    const url = await session(emulator, { length: 5 });
    expect(await upload(url, command, offset, body)).toMatchObject({
      status: 400,
      text: `The upload has ${body.length} bytes, but its start declared 5.`,
      headers: { [uploadStatus]: 'final' },
    });
    expect(await upload(url, 'upload, finalize', 0, 'abcde')).toMatchObject({
      status: 400,
      text: 'Upload has already been terminated.',
    });
    expect(emulator.sessions[0]?.state).toBe('terminated');
    expect(emulator.files.size).toBe(0);
  });

  it.each([['none', undefined] as const, ['final', 'final'] as const])(
    'refuses data after the end, with terminatedStatus %s',
    async (terminatedStatus, header) => {
      const emulator = await startEmulator({ terminatedStatus });
      const url = await session(emulator);
      await upload(url, 'upload, finalize', 0, 'x');
      const again = await upload(url, 'upload, finalize', 0, 'x');
      expect(again).toMatchObject({ status: 400, text: 'Upload has already been terminated.' });
      expect(again.headers[uploadStatus]).toBe(header);
    },
  );

  it('rejects a nonsense MIME type at finalize, and no odd one', async () => {
    const emulator = await startEmulator();
    const url = await session(emulator, { type: 'bad/mime_type' });
    const answer = await upload(url, 'upload, finalize', 0, 'x');
    expect(answer.headers[uploadStatus]).toBe('final');
    expect(rpcError(answer)).toEqual({
      http: 400,
      code: 400,
      message: 'Unsupported MIME type: bad/mime_type',
      status: 'INVALID_ARGUMENT',
    });
    expect(await uploadWhole(emulator, 'x', { type: 'jsonl' })).toMatchObject({ mimeType: 'jsonl' });
  });

  it('accepts a file of no bytes, or rejects it if configured', async () => {
    expect(await uploadWhole(await startEmulator(), '')).toMatchObject({ sizeBytes: '0', state: 'ACTIVE' });
    const strict = await startEmulator({ emptyFiles: 'reject' });
    const answer = await upload(await session(strict, { length: 0 }), 'upload, finalize', 0);
    expect(answer.headers[uploadStatus]).toBe('final');
    expect(rpcError(answer)).toMatchObject({ http: 400, status: 'INVALID_ARGUMENT' });
  });
});
