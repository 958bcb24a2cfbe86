/** The resumable upload protocol: requests that break off, queries, cancellation. */

import { describe, expect, it } from 'vitest';
import {
  answerTo,
  api,
  commandHeaders,
  errorOf,
  open,
  received,
  session,
  sha256,
  startEmulator,
  upload,
  uploadWhole,
} from './emulator-http.js';

const uploadStatus = 'x-goog-upload-status';

describe('a request that breaks off', () => {
  it.each([
    ['all', 11],
    ['granular', 8],
    ['none', 4],
  ] as const)('leaves what persistBroken %s says', async (persistBroken, kept) => {
    const emulator = await startEmulator({ granularity: 4, persistBroken });
    const content = 'abcdefghijklmnop';
    const url = await session(emulator, { length: 16, file: { name: 'files/broken' } });
    await upload(url, 'upload', 0, content.slice(0, 4));
    const opened = open(url, {
      headers: { ...commandHeaders('upload, finalize', 4), 'content-length': '12' },
    });
    opened.write(content.slice(4, 11));
    await emulator.waitFor((requests) => requests.at(-1)?.bytes === 7);
    opened.destroy();
    await emulator.waitFor((requests) => requests.at(-1)?.outcome === 'broken');
    expect(await received(url)).toBe(kept);
    expect((await upload(url, 'upload, finalize', kept, content.slice(kept))).status).toBe(200);
    expect(emulator.files.get('files/broken')?.sha256).toBe(sha256(content));
  });

  it('is cut off by the next request of its session, so that the reported offset stays true', async () => {
    const emulator = await startEmulator({ granularity: 4 });
    const url = await session(emulator, { length: 12 });
    const opened = open(url, {
      headers: { ...commandHeaders('upload, finalize', 0), 'content-length': '12' },
    });
    const cutOff = errorOf(answerTo(opened));
    opened.write('abcdefghi');
    await emulator.waitFor((requests) => requests.at(-1)?.bytes === 9);
    expect(await received(url)).toBe(8);
    expect(await cutOff).toBe('ECONNRESET');
    expect(await received(url)).toBe(8);
  });
});

it('data cuts off an earlier data request of its session, and is judged by what that left', async () => {
  const emulator = await startEmulator({ granularity: 4 });
  const url = await session(emulator, { length: 12, file: { name: 'files/a' } });
  const opened = open(url, { headers: { ...commandHeaders('upload, finalize', 0), 'content-length': '12' } });
  const cutOff = errorOf(answerTo(opened));
  opened.write('abcde');
  await emulator.waitFor((requests) => requests.at(-1)?.bytes === 5);
  expect(await upload(url, 'upload, finalize', 4, 'efghijkl')).toMatchObject({ status: 200 });
  expect(await cutOff).toBe('ECONNRESET');
  expect(emulator.files.get('files/a')?.sha256).toBe(sha256('abcdefghijkl'));
});

describe('query and cancel', () => {
  it('query after the finalize reports final, with the file or without', async () => {
    for (const queryAfterFinal of ['file', 'empty'] as const) {
      const emulator = await startEmulator({ queryAfterFinal });
      const url = await session(emulator, { length: 1 });
      const { text } = await upload(url, 'upload, finalize', 0, 'x');
      expect(await upload(url, 'query')).toMatchObject({
        status: 200,
        text: queryAfterFinal === 'file' ? text : '',
        headers: { [uploadStatus]: 'final', 'x-goog-upload-size-received': '1' },
      });
    }
  });

  it('cancel ends the session', async () => {
    const emulator = await startEmulator();
    const url = await session(emulator, { length: 1 });
    const state = (code: number): object => ({
      status: code,
      text: '',
      headers: { [uploadStatus]: 'cancelled' },
    });
    expect(await upload(url, 'cancel')).toMatchObject(state(200));
    expect(await upload(url, 'query')).toMatchObject(state(410));
    expect(await upload(url, 'upload, finalize', 0, 'x')).toMatchObject({
      status: 400,
      text: 'Upload has already been terminated.',
    });
    expect(emulator.sessions[0]?.state).toBe('cancelled');
  });

  it('a final session cannot be cancelled', async () => {
    const emulator = await startEmulator();
    const url = await session(emulator);
    await upload(url, 'upload, finalize', 0, 'x');
    expect(await upload(url, 'cancel')).toMatchObject({
      status: 400,
      text: 'Upload has already been terminated.',
    });
    expect(emulator.files.size).toBe(1);
  });

  it('an unknown or old session is 404 without a body', async () => {
    const emulator = await startEmulator({ sessionLifetime: '1h' });
    const url = await session(emulator);
    const unknown = new URL(url);
    unknown.searchParams.set('upload_id', 'other');
    expect(await upload(unknown.href, 'query')).toMatchObject({ status: 404, text: '' });
    emulator.advance(3_599_000);
    expect(await received(url)).toBe(0);
    emulator.advance(1_000);
    for (const command of ['query', 'cancel', 'upload, finalize']) {
      expect(await upload(url, command, 0)).toMatchObject({ status: 404, text: '' });
    }
  });
});

it('hashes 64 MiB in one request without keeping it', async () => {
  const emulator = await startEmulator();
  const content = Buffer.alloc(64 * 1024 * 1024, 'gemini');
  const file = await uploadWhole(emulator, content);
  expect(file).toMatchObject({
    sha256Hash: Buffer.from(sha256(content)).toString('base64'),
    sizeBytes: String(content.length),
  });
  expect((await api(emulator, 'GET', `/v1beta/${String(file['name'])}`)).status).toBe(200);
});
