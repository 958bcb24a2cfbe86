/** A worker dies between the end of the upload and the completion of its activity: the next attempt must find the file, not make another. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GeminiFilesEmulator, type EmulatorOptions } from '../../src/testing/index.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { MiB, startUploading, story, uploading } from '../support/upload.js';

let folder: TestFolder;
let file: TestFile;
let emulator: GeminiFilesEmulator;

beforeAll(async () => {
  folder = await testFolder();
  file = await folder.file('file.bin', 12 * MiB);
});
afterAll(() => folder[Symbol.asyncDispose]());
afterEach(async () => {
  expect(emulator.files.size).toBe(1);
  expect(emulator.sessions).toHaveLength(1);
  emulator.assertFaultsConsumed();
  await emulator.close();
});

/** Makes a whole upload whose last answer is lost. @returns what the next attempt gets */
async function finished(options: EmulatorOptions = {}) {
  emulator = await GeminiFilesEmulator.start(options);
  const { result, checkpoints } = startUploading(emulator.url, file);
  await result;
  const last = checkpoints.at(-1);
  if (!last) throw new Error('no checkpoint');
  return { last, withoutSession: { fingerprint: last.fingerprint } };
}
const next = () => story(emulator).slice(2);

describe('the next attempt', () => {
  it('asks the session, which has the file', async () => {
    const { last } = await finished();
    expect(await uploading(emulator.url, file, { resume: last, mayExist: true })).toMatchObject({
      sha256: file.sha256,
    });
    expect(next()).toEqual(['query 200']);
  });

  it('asks the session, which reports `final` and no more', async () => {
    const { last } = await finished({ queryAfterFinal: 'empty' });
    await uploading(emulator.url, file, { resume: last, mayExist: true });
    expect(next()).toEqual(['query 200', 'get 200']);
  });

  it('asks the session, which is not known any more', async () => {
    const { last } = await finished();
    emulator.addFaults({ on: 'query', do: 'expireSession' });
    await uploading(emulator.url, file, { resume: last, mayExist: true });
    expect(next()).toEqual(['query 404', 'get 200']);
  });

  it('asks for the file if it cannot open the session', async () => {
    const { withoutSession } = await finished();
    await uploading(emulator.url, file, { resume: withoutSession, mayExist: true });
    expect(next()).toEqual(['get 200']);
  });

  it('asks for the file if no heartbeat was recorded', async () => {
    await finished();
    await uploading(emulator.url, file, { mayExist: true });
    expect(next()).toEqual(['get 200']);
  });

  it('does not start over if the get of the file fails', async () => {
    await finished();
    emulator.addFaults({ on: 'get', do: 'respond', status: 503 });
    await expect(uploading(emulator.url, file, { mayExist: true })).rejects.toMatchObject({
      kind: 'unavailable',
      retryable: true,
    });
    expect(next()).toEqual(['get 503']);
  });
});
