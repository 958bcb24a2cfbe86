/** The times that end an attempt at an upload: it stops by itself shortly before, as Temporal does not wait for it. */

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { failureOf, runActivity } from '../support/activity.js';
import { connectionTo, NAME } from '../support/connection.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { stopwatch } from '../support/stopwatch.js';

const MiB = 1024 * 1024;
const TIMEOUT_MS = 2000;
let folder: TestFolder;
let file: TestFile;
let emulator: GeminiFilesEmulator;

beforeAll(async () => {
  folder = await testFolder();
  file = await folder.file('clip.mp4', 40 * MiB);
});
afterAll(() => folder[Symbol.asyncDispose]());
beforeEach(async () => {
  emulator = await GeminiFilesEmulator.start();
  emulator.addFaults({ on: 'upload', do: 'pace', bytesPerSecond: 8 * MiB });
});
afterEach(() => emulator.close());

const attempt = (info: object) =>
  runActivity(
    'geminiFilesUpload',
    { name: NAME, path: 'clip.mp4' },
    { connection: connectionTo(emulator.url), roots: [folder.path], info },
  );
const operations = () => emulator.requests.map(({ operation }) => operation);

it('its own startToCloseTimeout: the session stays open, and the next attempt continues it', async () => {
  const elapsed = stopwatch();
  const first = attempt({ startToCloseTimeoutMs: TIMEOUT_MS });
  // Not one of the contract's failures: Temporal repeats it.
  await expect(first.result).rejects.toMatchObject({ type: 'AttemptTimeUpError', nonRetryable: false });
  expect(elapsed()).toBeLessThan(TIMEOUT_MS);
  expect(operations()).toEqual(['start', 'upload']);
  expect(emulator.sessions).toMatchObject([{ state: 'active' }]);

  const second = attempt({ attempt: 2, heartbeatDetails: first.heartbeats.at(-1) });
  expect(await second.result).toMatchObject({ name: NAME, sha256: file.sha256 });
  expect(operations()).toEqual(['start', 'upload', 'query', 'upload']);
});

it('the time for all attempts, which is also the default of startToCloseTimeout: the session is ended', async () => {
  const times = { startToCloseTimeoutMs: TIMEOUT_MS, scheduleToCloseTimeoutMs: TIMEOUT_MS };
  expect(await failureOf(attempt(times).result)).toMatchObject({
    type: 'UploadFailedError',
    retryable: false,
  });
  expect(operations()).toEqual(['start', 'upload', 'cancel']);
  expect(emulator.sessions).toMatchObject([{ state: 'cancelled' }]);
});
