/** Effects that come later than the answer: a slow finalize, and a file that becomes visible late. */

import { describe, expect, it } from 'vitest';
import { type Fault, type SlowFinalizeFault } from '../../src/testing/index.js';
import {
  api,
  commandHeaders,
  errorOf,
  json,
  KEY,
  open,
  rpcError,
  session,
  sha256,
  start,
  startEmulator,
  upload,
  uploadWhole,
  type Answer,
} from './emulator-http.js';
import type { GeminiFilesEmulator } from '../../src/testing/index.js';

const uploadStatus = 'x-goog-upload-status';
const terminated = { status: 400, text: 'Upload has already been terminated.' };
const file = { name: 'files/late' };

interface Running {
  readonly emulator: GeminiFilesEmulator;
  readonly url: string;
  readonly answer: Promise<Answer>;
}

/** A slow finalize of 60 s that is in progress. */
async function slow(more: Omit<SlowFinalizeFault, 'do' | 'ms'> = {}): Promise<Running> {
  const emulator = await startEmulator({
    faults: [{ on: 'finalize', do: 'slowFinalize', ms: 60_000, ...more }],
  });
  const url = await session(emulator, { length: 3, file });
  const answer = upload(url, 'upload, finalize', 0, 'abc');
  answer.catch(() => undefined);
  await emulator.waitFor(() => emulator.sessions[0]?.state === 'finalizing');
  return { emulator, url, answer };
}

/** Waits until a request with `command` waits in the emulator: a whole exchange that came after it has ended. */
async function takenIn(emulator: GeminiFilesEmulator, command: string): Promise<void> {
  await emulator.waitFor((requests) => requests.at(-1)?.command[0] === command);
  await api(emulator, 'GET', '/v1beta/files');
}

describe('a slow finalize', () => {
  it('holds the request and makes the file at the end, not before', async () => {
    const { emulator, answer } = await slow();
    emulator.advance(59_000);
    expect(emulator.files.size).toBe(0);
    expect(emulator.requests.at(-1)).toMatchObject({ outcome: 'open', status: undefined });
    emulator.advance(1_000);
    expect(emulator.files.get('files/late')?.sha256).toBe(sha256('abc'));
    expect(await answer).toMatchObject({ status: 200, headers: { [uploadStatus]: 'final' } });
    expect(json<{ file: object }>(await answer).file).toMatchObject(file);
    expect(emulator.sessions[0]).toMatchObject({ state: 'final', receivedBytes: 3 });
  });

  it('makes the file at its own time if the clock is moved further', async () => {
    const { emulator, answer } = await slow();
    const before = emulator.now();
    emulator.advance(600_000);
    await answer;
    const createTime = Date.parse(String(emulator.files.get('files/late')?.createTime));
    // Real time goes on meanwhile.
    expect(createTime).toBeLessThan(before + 120_000);
    expect(emulator.now()).toBeGreaterThanOrEqual(before + 600_000);
  });

  it('ends by itself when the time passes', async () => {
    const emulator = await startEmulator({ faults: [{ on: 'finalize', do: 'slowFinalize', ms: 20 }] });
    const before = Date.now();
    await uploadWhole(emulator, 'abc', { file });
    expect(Date.now() - before).toBeGreaterThanOrEqual(20);
    expect([...emulator.files.keys()]).toEqual(['files/late']);
  });

  it('continues after the client left', async () => {
    const emulator = await startEmulator({ faults: [{ on: 'finalize', do: 'slowFinalize', ms: 60_000 }] });
    const url = await session(emulator, { length: 3, file });
    const opened = open(url, {
      headers: { ...commandHeaders('upload, finalize', 0), 'content-length': '3' },
    });
    opened.end('abc');
    await emulator.waitFor(() => emulator.sessions[0]?.state === 'finalizing');
    opened.destroy();
    await emulator.waitFor((requests) => requests.at(-1)?.outcome === 'broken');
    expect((await api(emulator, 'DELETE', '/v1beta/files/late')).status).toBe(403);
    emulator.advance(60_000);
    expect([...emulator.files.keys()]).toEqual(['files/late']);
    expect(await upload(url, 'query')).toMatchObject({ status: 200, headers: { [uploadStatus]: 'final' } });
  });

  it('continues after an answer of a gateway, at once or later', async () => {
    const gateway = { status: 504, text: '<html>', headers: { 'content-type': 'text/html' } };
    const atOnce = await slow({ answer: gateway });
    expect(await atOnce.answer).toMatchObject(gateway);
    expect(atOnce.emulator.files.size).toBe(0);
    atOnce.emulator.advance(60_000);
    expect([...atOnce.emulator.files.keys()]).toEqual(['files/late']);

    const later = await slow({ answer: gateway, answerAfterMs: 30_000 });
    expect(later.emulator.requests.at(-1)?.outcome).toBe('open');
    later.emulator.advance(30_000);
    expect(await later.answer).toMatchObject(gateway);
    expect(later.emulator.files.size).toBe(0);
    later.emulator.advance(30_000);
    expect(later.emulator.files.size).toBe(1);
  });

  it('continues after a reset', async () => {
    const { emulator, answer } = await slow({ answer: 'reset' });
    expect(await errorOf(answer)).toBe('ECONNRESET');
    emulator.advance(60_000);
    expect(emulator.files.size).toBe(1);
  });

  it('does not end after the emulator was closed', async () => {
    const { emulator, answer } = await slow();
    await emulator.close();
    expect(await errorOf(answer)).toBe('ECONNRESET');
    emulator.advance(60_000);
    expect(emulator.files.size).toBe(0);
  });

  it('lets a query see an active session with all bytes, by default', async () => {
    const { url } = await slow();
    expect(await upload(url, 'query')).toMatchObject({
      status: 200,
      headers: { [uploadStatus]: 'active', 'x-goog-upload-size-received': '3' },
    });
  });

  it('lets a query wait for the outcome, or refuses it', async () => {
    const { emulator, url } = await slow({ query: 'wait' });
    const query = upload(url, 'query');
    await takenIn(emulator, 'query');
    expect(emulator.requests.find(({ operation }) => operation === 'query')?.outcome).toBe('open');
    emulator.advance(60_000);
    expect((await query).headers[uploadStatus]).toBe('final');
    expect(json<{ file: object }>(await query).file).toMatchObject(file);

    expect(await upload((await slow({ query: 'refuse' })).url, 'query')).toMatchObject(terminated);
  });

  it('refuses a second finalize, or gives it the same outcome', async () => {
    const refusing = await slow();
    expect(await upload(refusing.url, 'finalize', 3)).toMatchObject(terminated);

    const { emulator, url, answer } = await slow({ finalize: 'wait' });
    const second = upload(url, 'finalize', 3);
    await takenIn(emulator, 'finalize');
    emulator.advance(60_000);
    expect((await second).text).toBe((await answer).text);
    expect(emulator.files.size).toBe(1);
  });

  it('refuses a cancel, by default', async () => {
    const { emulator, url, answer } = await slow();
    expect(await upload(url, 'cancel')).toMatchObject(terminated);
    emulator.advance(60_000);
    expect((await answer).status).toBe(200);
    expect(emulator.files.size).toBe(1);
  });

  it('can say 200 to a cancel and make the file all the same', async () => {
    const { emulator, url } = await slow({ answer: { status: 504 }, cancel: 'ignore' });
    const cancelled = { text: '', headers: { [uploadStatus]: 'cancelled' } };
    expect(await upload(url, 'cancel')).toMatchObject({ status: 200, ...cancelled });
    expect(await upload(url, 'query')).toMatchObject({ status: 410, ...cancelled });
    expect(rpcError(await api(emulator, 'DELETE', '/v1beta/files/late')).http).toBe(403);
    emulator.advance(60_000);
    expect((await api(emulator, 'GET', '/v1beta/files/late')).status).toBe(200);
    expect(await upload(url, 'query')).toMatchObject({ status: 410, ...cancelled });
  });

  it('can be stopped by a cancel', async () => {
    const { emulator, url, answer } = await slow({ cancel: 'stop' });
    expect((await upload(url, 'cancel')).status).toBe(200);
    emulator.advance(60_000);
    expect(await answer).toMatchObject(terminated);
    expect(emulator.files.size).toBe(0);
  });

  it('leaves the name to the one that is created first', async () => {
    const { emulator, answer } = await slow();
    await uploadWhole(emulator, 'other', { file });
    emulator.advance(60_000);
    expect(rpcError(await answer)).toMatchObject({ http: 409, status: 'ALREADY_EXISTS' });
    expect((await answer).headers[uploadStatus]).toBe('final');
    expect(emulator.files.get('files/late')?.sha256).toBe(sha256('other'));
  });

  it('is for finalize only, and has a length', async () => {
    const emulator = await startEmulator();
    const bad = (fault: Fault) => (): void => emulator.addFaults(fault);
    expect(bad({ on: 'get', do: 'slowFinalize', ms: 1 })).toThrow('fault: slowFinalize is for finalize only');
    expect(bad({ on: '*', do: 'showLate', ms: 1 })).toThrow('fault: showLate is for finalize only');
    expect(bad({ on: 'finalize', do: 'showLate', ms: -1 })).toThrow('fault: ms -1 is below 0');
    expect(bad({ on: 'finalize', do: 'slowFinalize', ms: 1, cancel: 'ignored' } as unknown as Fault)).toThrow(
      'fault: cancel "ignored" is none of refuse, ignore, stop',
    );
  });
});

describe('a file that becomes visible late', () => {
  async function expectHidden(emulator: GeminiFilesEmulator): Promise<void> {
    const message = 'You do not have permission to access the File late or it may not exist.';
    const denied = { http: 403, code: 403, status: 'PERMISSION_DENIED', message };
    expect(rpcError(await api(emulator, 'GET', '/v1beta/files/late'))).toEqual(denied);
    expect(rpcError(await api(emulator, 'DELETE', '/v1beta/files/late'))).toEqual(denied);
    const prompt = JSON.stringify({ contents: [{ parts: [{ fileData: { fileUri: 'files/late' } }] }] });
    const generated = await api(emulator, 'POST', '/v1beta/models/m:generateContent', KEY, prompt);
    expect(rpcError(generated)).toEqual(denied);
    expect(json(await api(emulator, 'GET', '/v1beta/files'))).toEqual({});
    expect(rpcError(await start(emulator, { file }))).toMatchObject({ http: 409, status: 'ALREADY_EXISTS' });
  }

  async function expectVisible(emulator: GeminiFilesEmulator): Promise<void> {
    expect((await api(emulator, 'GET', '/v1beta/files/late')).status).toBe(200);
    expect(json(await api(emulator, 'GET', '/v1beta/files'))).toMatchObject({ files: [file] });
    expect((await api(emulator, 'DELETE', '/v1beta/files/late')).status).toBe(200);
    expect(emulator.files.size).toBe(0);
  }

  it.each([
    ['the option', { visibleAfter: '10s' }],
    ['a function', { visibleAfter: ({ name }: { name: string }) => (name === 'files/late' ? 10_000 : 0) }],
    ['showLate', { faults: [{ on: 'finalize', do: 'showLate', ms: 10_000 }] }],
    ['slowFinalize', { faults: [{ on: 'finalize', do: 'slowFinalize', ms: 0, visibleAfterMs: 10_000 }] }],
  ] as const)('by %s is denied until then', async (_, options) => {
    const emulator = await startEmulator(options);
    expect(await uploadWhole(emulator, 'abc', { file })).toMatchObject({ ...file, state: 'ACTIVE' });
    await expectHidden(emulator);
    emulator.advance(9_000);
    await expectHidden(emulator);
    expect([...emulator.files.keys()]).toEqual(['files/late']);
    emulator.advance(1_000);
    await expectVisible(emulator);
  });

  it('is reported by a query of its session nevertheless', async () => {
    const emulator = await startEmulator({ visibleAfter: '10s' });
    const url = await session(emulator, { length: 1, file });
    await upload(url, 'upload, finalize', 0, 'x');
    expect(json(await upload(url, 'query'))).toMatchObject({ file });
  });

  it('refuses what is not a duration', async () => {
    await expect(startEmulator({ visibleAfter: '3 moons' as '3s' })).rejects.toThrow(
      'visibleAfter: "3 moons" is not a duration',
    );
  });
});
