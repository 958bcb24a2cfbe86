/** Each scripted fault, and the script itself. */

import { describe, expect, it } from 'vitest';
import { faults, type Fault } from '../../src/testing/index.js';
import {
  answerTo,
  api,
  commandHeaders,
  errorOf,
  json,
  open,
  received,
  rpcError,
  session,
  sha256,
  start,
  startEmulator,
  upload,
} from './emulator-http.js';

const content = 'abcdefghijkl';
const uploadStatus = 'x-goog-upload-status';

describe('the script', () => {
  it('is consumed in order, per operation, with skip and times', async () => {
    const emulator = await startEmulator({
      faults: [
        faults.respond('get', 500, { skip: 1 }),
        faults.respond('get', 502, { times: 2 }),
        faults.respond('list', 503),
      ],
    });
    emulator.addFile({ name: 'files/a', content: 'x', apiKey: 'k' });
    const statuses: number[] = [];
    for (let count = 0; count < 5; count++)
      statuses.push((await api(emulator, 'GET', '/v1beta/files/a', 'k')).status);
    expect(statuses).toEqual([200, 500, 502, 502, 200]);
    expect(emulator.requests.map(({ fault }) => fault?.do)).toEqual([
      undefined,
      'respond',
      'respond',
      'respond',
      undefined,
    ]);
    expect(() => emulator.assertFaultsConsumed()).toThrow(
      'Faults that were not met:\nlist: respond {"status":503}',
    );
    await api(emulator, 'GET', '/v1beta/files', 'k');
    emulator.assertFaultsConsumed();
  });

  it('matches `*`, a file, `finalize` and `always`', async () => {
    const emulator = await startEmulator({ granularity: 4 });
    emulator.addFaults(
      faults.respond('*', 501, { file: 'files/b', times: 'always' }),
      faults.respond('finalize', 502),
      faults.respond('upload', 503),
    );
    expect(() => emulator.assertFaultsConsumed()).toThrow('files/b');
    const a = await session(emulator, { file: { name: 'files/a' } });
    const b = await session(emulator, { file: { name: 'files/b' } });
    expect((await upload(b, 'upload', 0, 'abcd')).status).toBe(501);
    expect((await upload(b, 'query')).status).toBe(501);
    expect((await api(emulator, 'DELETE', '/v1/files/b')).status).toBe(501);
    expect((await upload(a, 'upload', 0, 'abcd')).status).toBe(503);
    expect((await upload(a, 'upload', 0, 'abcd')).status).toBe(200);
    expect((await upload(a, 'upload, finalize', 4, 'e')).status).toBe(502);
    expect((await upload(a, 'upload, finalize', 4, 'e')).status).toBe(200);
    emulator.assertFaultsConsumed();
  });

  it('refuses what is not a fault', async () => {
    const emulator = await startEmulator();
    expect(() => emulator.addFaults({ on: 'put', do: 'loseAnswer' } as unknown as Fault)).toThrow(
      'fault: on "put" is none of',
    );
    expect(() => emulator.addFaults({ on: 'get', do: 'explode' } as unknown as Fault)).toThrow(
      'fault: do "explode" is none of',
    );
    expect(() => emulator.addFaults({ on: 'get', do: 'loseAnswer', times: 0 })).toThrow(
      'fault: times 0 is below 1',
    );
  });
});

describe('respond', () => {
  it('answers with text, JSON or nothing, with headers, and does no work', async () => {
    const emulator = await startEmulator({
      faults: [
        faults.respond('start', 418, {
          text: '<html>',
          headers: { 'Content-Type': 'text/html', 'Retry-After': '7' },
        }),
        faults.respond('start', 299, { json: { odd: true } }),
        faults.unavailable('start'),
      ],
    });
    expect(await start(emulator)).toMatchObject({
      status: 418,
      text: '<html>',
      headers: { 'content-type': 'text/html', 'retry-after': '7' },
    });
    expect(json(await start(emulator))).toEqual({ odd: true });
    const empty = await start(emulator);
    expect(empty).toMatchObject({ status: 503, text: '' });
    expect(empty.headers).not.toHaveProperty('content-type');
    expect(emulator.sessions).toEqual([]);
  });

  it('keeps nothing of the data that it answers', async () => {
    const emulator = await startEmulator({ granularity: 4, faults: [faults.unavailable('upload')] });
    const url = await session(emulator, { length: 12 });
    expect((await upload(url, 'upload', 0, 'abcd')).status).toBe(503);
    expect(emulator.requests.at(-1)?.bytes).toBe(4);
    expect(await received(url)).toBe(0);
  });

  it('waits for the body', async () => {
    const emulator = await startEmulator({ faults: [faults.unavailable('upload')] });
    const opened = open(await session(emulator), {
      headers: { ...commandHeaders('upload, finalize', 0), 'content-length': '12' },
    });
    const answer = answerTo(opened);
    opened.write(content.slice(0, 6));
    const [, partial] = await emulator.waitFor((requests) => requests.at(-1)?.bytes === 6 && requests);
    expect(partial).toMatchObject({ outcome: 'open', status: undefined });
    opened.end(content.slice(6));
    expect((await answer).status).toBe(503);
  });

  it('can do the work first', async () => {
    const emulator = await startEmulator({ faults: [faults.respond('finalize', 502, { work: 'after' })] });
    const url = await session(emulator, { file: { name: 'files/done' } });
    expect((await upload(url, 'upload, finalize', 0, content)).status).toBe(502);
    expect(emulator.files.get('files/done')?.sha256).toBe(sha256(content));
  });

  it('can answer before the body came', async () => {
    const emulator = await startEmulator({ faults: [faults.respond('upload', 503, { early: true })] });
    const url = await session(emulator);
    const opened = open(url, {
      headers: { ...commandHeaders('upload, finalize', 0), 'content-length': '100' },
    });
    opened.flushHeaders();
    expect((await answerTo(opened)).status).toBe(503);
    expect(emulator.requests.at(-1)).toMatchObject({ bytes: 0, status: 503, outcome: 'answered' });
    opened.destroy();
  });

  it('ends the session with `final`', async () => {
    const emulator = await startEmulator({ faults: [faults.unsupportedMimeType('text/odd')] });
    const url = await session(emulator);
    const answer = await upload(url, 'upload, finalize', 0, content);
    expect(answer.headers[uploadStatus]).toBe('final');
    expect(rpcError(answer)).toMatchObject({ http: 400, message: 'Unsupported MIME type: text/odd' });
    expect(await upload(url, 'upload, finalize', 0, content)).toMatchObject({
      status: 400,
      text: 'Upload has already been terminated.',
    });
  });

  it('has helpers for what the provider was seen to say', async () => {
    const emulator = await startEmulator({
      faults: [
        faults.rateLimited('list', { retryDelaySeconds: 28, retryAfterSeconds: 3 }),
        faults.rateLimited('list', { retryDelaySeconds: 'int64-max' }),
        faults.rateLimited('list'),
        faults.brokenStore('list'),
        faults.storageQuotaFull('list', { retryInfo: 'int64-max' }),
        faults.storageQuotaFull('list'),
      ],
    });
    type Body = { error: { message: string; details?: { '@type': string; retryDelay?: string }[] } };
    const seen: unknown[] = [];
    for (let count = 0; count < 6; count++) {
      const answer = await api(emulator, 'GET', '/v1beta/files');
      const { error } = json<Body>(answer);
      seen.push([
        answer.status,
        answer.headers['retry-after'],
        error.message.slice(0, 21),
        error.details?.at(-1)?.retryDelay,
      ]);
    }
    expect(seen).toEqual([
      [429, '3', 'Resource has been exh', '28s'],
      [429, undefined, 'Resource has been exh', '9223372036854775807s'],
      [429, undefined, 'Resource has been exh', undefined],
      [500, undefined, 'Failed to convert ser', undefined],
      [429, undefined, 'You exceeded your cur', '9223372036854775807s'],
      [429, undefined, 'You exceeded your cur', undefined],
    ]);
  });
});

describe('reset', () => {
  it.each(['get', 'list', 'delete', 'start', 'query'] as const)('of %s comes before the work', async (on) => {
    const emulator = await startEmulator({ faults: [{ on, do: 'reset' }] });
    const requests = {
      get: () => api(emulator, 'GET', '/v1beta/files/a', 'k'),
      list: () => api(emulator, 'GET', '/v1beta/files', 'k'),
      delete: () => api(emulator, 'DELETE', '/v1beta/files/a', 'k'),
      start: () => start(emulator),
      query: () => upload(`${emulator.url}/upload/v1beta/files?upload_id=x`, 'query'),
    };
    emulator.addFile({ name: 'files/a', content: 'x', apiKey: 'k' });
    expect(await errorOf(requests[on]())).toBe('ECONNRESET');
    expect(emulator.requests[0]).toMatchObject({ operation: on, outcome: 'reset', status: undefined });
    expect(emulator.files.size).toBe(1);
    expect(emulator.sessions).toEqual([]);
  });

  it.each([
    [{}, 0, 0],
    [{ afterBytes: 7 }, 7, 4],
    [{ afterBytes: 7, persist: 'all' }, 7, 7],
    [{ afterBytes: 7, persist: 'none' }, 7, 0],
    [{ afterBytes: 99 }, 12, 12],
  ] as const)('with %o reads %i bytes and keeps %i', async (reset, read, kept) => {
    const emulator = await startEmulator({
      granularity: 4,
      faults: [{ on: 'upload', do: 'reset', ...reset }],
    });
    const url = await session(emulator, { length: 12, file: { name: 'files/a' } });
    expect(await errorOf(upload(url, 'upload, finalize', 0, content))).toBe('ECONNRESET');
    expect(emulator.requests.at(-1)).toMatchObject({ bytes: read, outcome: 'reset' });
    expect(emulator.files.size).toBe(0);
    expect(await received(url)).toBe(kept);
    await upload(url, 'upload, finalize', kept, content.slice(kept));
    expect(emulator.files.get('files/a')?.sha256).toBe(sha256(content));
  });

  it('can be counted over the whole upload', async () => {
    const emulator = await startEmulator({
      granularity: 4,
      persistBroken: 'all',
      faults: [{ on: 'upload', do: 'reset', afterTotalBytes: 6 }],
    });
    const url = await session(emulator, { length: 12 });
    expect((await upload(url, 'upload', 0, 'abcd')).status).toBe(200);
    expect(await errorOf(upload(url, 'upload', 4, 'efgh'))).toBe('ECONNRESET');
    expect(await received(url)).toBe(6);
    expect((await upload(url, 'upload, finalize', 6, 'ghijkl')).status).toBe(200);
    emulator.assertFaultsConsumed();
  });
});

describe('lost and cut answers', () => {
  it('loseAnswer does the work and resets', async () => {
    const emulator = await startEmulator({
      faults: [
        { on: 'finalize', do: 'loseAnswer' },
        { on: 'start', do: 'loseAnswer', skip: 1 },
        { on: 'delete', do: 'loseAnswer' },
      ],
    });
    const url = await session(emulator, { file: { name: 'files/a' } });
    expect(await errorOf(upload(url, 'upload, finalize', 0, content))).toBe('ECONNRESET');
    expect(json(await upload(url, 'query'))).toMatchObject({ file: { name: 'files/a', sizeBytes: '12' } });
    expect(await errorOf(start(emulator))).toBe('ECONNRESET');
    expect(emulator.sessions.map(({ state }) => state)).toEqual(['final', 'active']);
    expect(await errorOf(api(emulator, 'DELETE', '/v1beta/files/a'))).toBe('ECONNRESET');
    expect(emulator.files.size).toBe(0);
  });

  it('cutAnswer sends a part', async () => {
    const emulator = await startEmulator({ faults: [{ on: 'get', do: 'cutAnswer', afterBytes: 9 }] });
    emulator.addFile({ name: 'files/a', content: 'x', apiKey: 'k' });
    expect(await errorOf(api(emulator, 'GET', '/v1beta/files/a', 'k'))).toBe('ECONNRESET');
    expect(emulator.requests[0]?.outcome).toBe('cut');
  });
});
