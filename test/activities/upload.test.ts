/** The activity `geminiFilesUpload` as Temporal sees it: result, heartbeats, cancellation, shutdown. */

import { CancelledFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSession } from '../../src/gemini/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { failureOf, runActivity } from '../support/activity.js';
import { connectionTo, KEY, NAME } from '../support/connection.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { stopwatch } from '../support/stopwatch.js';

const MiB = 1024 * 1024;
let folder: TestFolder;
let file: TestFile;
let emulator: GeminiFilesEmulator;

beforeAll(async () => {
  folder = await testFolder();
  file = await folder.file('clip.mp4', 32 * MiB);
});
afterAll(() => folder[Symbol.asyncDispose]());
beforeEach(async () => void (emulator = await GeminiFilesEmulator.start()));
afterEach(async () => {
  emulator.assertFaultsConsumed();
  await emulator.close();
});

const start = (info: object = {}, connection = connectionTo(emulator.url)) =>
  runActivity(
    'geminiFilesUpload',
    { name: NAME, path: 'clip.mp4' },
    { connection, roots: [folder.path], info },
  );
const pace = { on: 'upload', do: 'pace', bytesPerSecond: 16 * MiB } as const;
const arrived = (bytes: number) =>
  emulator.waitFor((requests) => requests.some((one) => one.operation === 'upload' && one.bytes >= bytes));

it('returns the file as the provider has it', async () => {
  const { result } = start();
  expect(await result).toMatchObject({
    name: NAME,
    state: 'PROCESSING',
    mimeType: 'video/mp4',
    sizeBytes: file.sizeBytes,
    sha256: file.sha256,
    displayName: 'clip.mp4',
  });
  expect(emulator.requests.map((one) => one.operation)).toEqual(['start', 'upload']);
});

describe('heartbeats', () => {
  it('hold the session, sealed, before the first byte is sent', async () => {
    const run = start();
    const beat = await run.heartbeat(({ session }) => session !== undefined);
    expect(beat).toMatchObject({ bytesSent: 0, sizeBytes: file.sizeBytes, prefixBytes: 0 });
    expect(emulator.requests.map((one) => one.operation)).toEqual(['start']);
    await run.result;
  });

  it('hold neither the key nor the session URL in the clear', async () => {
    const run = start();
    await run.result;
    const [session] = emulator.sessions;
    const text = JSON.stringify(run.heartbeats);
    expect(text).not.toContain(KEY);
    expect(text).not.toContain(session?.id);
    expect(text).not.toContain('upload_id');
    const last = run.heartbeats.at(-1);
    expect(openSession(last?.session ?? '', KEY, NAME)?.url).toContain(session?.id);
    expect(openSession(last?.session ?? '', 'another-key', NAME)).toBeUndefined();
  });

  it('continue while the file is checked and the key is fetched', async () => {
    const connection = connectionTo(emulator.url);
    const run: ReturnType<typeof start> = runActivity(
      'geminiFilesUpload',
      { name: NAME, path: 'clip.mp4' },
      // A source of keys that takes until the second heartbeat.
      { deps: { connect: () => run.beats(2).then(() => connection), allowedRoots: [folder.path] } },
    );
    await run.result;
    const nothingSent = { bytesSent: 0, sizeBytes: 0 };
    expect(run.heartbeats.slice(0, 2)).toEqual([nothingSent, nothingSent]);
  });

  it('begin with the session, which the SDK would hold back behind another', async () => {
    const run = start();
    await run.result;
    expect(run.heartbeats[0]).toMatchObject({ bytesSent: 0, session: expect.any(String) as string });
  });

  it("hand an earlier attempt's session on until there is another", async () => {
    const first = start();
    await first.result;
    const earlier = first.heartbeats.at(-1);
    const second = start({ attempt: 2, heartbeatDetails: earlier });
    await second.result;
    expect(second.heartbeats[0]).toEqual(earlier);
  });
});

describe('a cancellation', () => {
  it('ends the request, then the session, and leaves nothing', async () => {
    emulator.addFaults(pace);
    const run = start();
    await arrived(4 * MiB);
    const elapsed = stopwatch();
    run.cancel('CANCELLED');
    await expect(run.result).rejects.toBeInstanceOf(CancelledFailure);
    expect(elapsed()).toBeLessThan(2000);
    const broken = await emulator.waitFor((all) =>
      all.find((one) => one.operation === 'upload' && one.outcome === 'broken'),
    );
    expect(broken.bytes).toBeLessThan(file.sizeBytes);
    expect(emulator.requests.at(-1)).toMatchObject({ operation: 'cancel', status: 200 });
    expect(emulator.sessions).toMatchObject([{ state: 'cancelled' }]);
    expect(emulator.files.size).toBe(0);
  });

  it('is not held up by a session that does not answer', async () => {
    emulator.addFaults(pace, { on: 'cancel', do: 'stall' });
    const run = start();
    await arrived(1 * MiB);
    const elapsed = stopwatch();
    run.cancel('CANCELLED');
    await expect(run.result).rejects.toBeInstanceOf(CancelledFailure);
    expect(elapsed()).toBeLessThan(2000);
  });

  it('before the first byte sends nothing', async () => {
    const run = start();
    run.cancel('CANCELLED');
    await expect(run.result).rejects.toBeInstanceOf(CancelledFailure);
    expect(emulator.requests).toEqual([]);
  });
});

describe('a worker that shuts down', () => {
  it('keeps the session for the next attempt, which resumes it', async () => {
    emulator.addFaults(pace);
    const run = start();
    await arrived(17 * MiB);
    run.cancel('WORKER_SHUTDOWN');
    expect(await failureOf(run.result)).toMatchObject({
      type: 'WorkerShutdown',
      retryable: true,
      nextRetryDelay: 1,
    });
    await emulator.waitFor((all) => all.some((one) => one.outcome === 'broken'));
    expect(emulator.sessions).toMatchObject([{ state: 'active' }]);

    const next = start({ attempt: 2, heartbeatDetails: run.heartbeats.at(-1) });
    expect(await next.result).toMatchObject({ sha256: file.sha256 });
    expect(emulator.requests.map((one) => one.operation)).toEqual(['start', 'upload', 'query', 'upload']);
    expect(emulator.requests.at(-1)?.offset).toBeGreaterThanOrEqual(16 * MiB);
    expect(emulator.files.size).toBe(1);
  });
});

describe('another worker', () => {
  it('with another key starts over', async () => {
    emulator.addFaults({ on: 'upload', do: 'reset', afterBytes: 9 * MiB }, { on: 'query', do: 'reset' });
    const first = start();
    await failureOf(first.result);
    const other = connectionTo(emulator.url, { apiKey: 'AIza-another' });
    const second = start({ attempt: 2, heartbeatDetails: first.heartbeats.at(-1) }, other);
    await second.result;
    expect(emulator.requests.map((one) => one.operation)).toEqual([
      'start',
      'upload',
      'query',
      'get',
      'start',
      'upload',
    ]);
  });

  it("with another base URL does not send the session's secret there", async () => {
    await using other = await GeminiFilesEmulator.start();
    const first = start();
    await first.result;
    const details = { attempt: 2, heartbeatDetails: first.heartbeats.at(-1) };
    await start(details, connectionTo(other.url)).result;
    expect(other.requests.map((one) => one.operation)).toEqual(['get', 'start', 'upload']);
    expect(other.requests.map((one) => one.rawUrl).join()).not.toContain(emulator.sessions[0]?.id);
  });
});
