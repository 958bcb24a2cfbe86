/** A file that is written to while it is uploaded, or between two attempts: the file at the provider must have one content. */

import { appendFile, open, truncate, utimes, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ResumePoint } from '../../src/gemini/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { NAME } from '../support/connection.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { MiB, startUploading as start, story, type UploadRunOptions } from '../support/upload.js';

let folder: TestFolder;
let file: TestFile;
let emulator: GeminiFilesEmulator;
let count = 0;
const WHEN = new Date('2026-01-02T03:04:05Z');

beforeAll(async () => void (folder = await testFolder()));
afterAll(() => folder[Symbol.asyncDispose]());
beforeEach(async () => {
  emulator = await GeminiFilesEmulator.start({ granularity: MiB });
  // Two requests, the second of them the finalize.
  file = await folder.file(`file-${(count += 1)}.bin`, 18 * MiB);
  // Whole seconds, so that the time can be set back exactly.
  await utimes(file.path, WHEN, WHEN);
});
afterEach(async () => {
  emulator.assertFaultsConsumed();
  await emulator.close();
});

/** Requests of 16 MiB in place of 64, so that a small file takes two. */
const startUploading = (url: string, of: TestFile, options: UploadRunOptions = {}) =>
  start(url, of, { requestBytes: 16 * MiB, ...options });
const uploading = (...args: Parameters<typeof startUploading>) => startUploading(...args).result;

/** Writes over some bytes and sets the modification time back, as tools that keep times do. */
async function overwrite(at: number): Promise<void> {
  const handle = await open(file.path, 'r+');
  await handle.write('other bytes', at);
  await handle.close();
  await utimes(file.path, WHEN, WHEN);
}

const changes: [string, () => Promise<void>, RegExp][] = [
  ['grows', () => appendFile(file.path, 'x'), /its size was 18874368 and is 18874369 bytes$/],
  [
    'shrinks',
    () => truncate(file.path, 17 * MiB),
    /its size was 18874368 and is 17825792 bytes$|it has become shorter$/,
  ],
  ['is touched', () => utimes(file.path, WHEN, new Date()), /its modification time has changed$/],
  [
    'is written anew',
    () => writeFile(file.path, Buffer.alloc(file.sizeBytes)),
    /its modification time has changed$|its size was|become shorter/,
  ],
];
const inPlace: [string, () => Promise<void>, RegExp][] = [
  [
    'changes in a part that was sent, with its time set back',
    () => overwrite(100),
    /its content has changed/,
  ],
];

const fileChanged = (message: RegExp) => ({
  name: 'FileChangedError',
  message: expect.stringMatching(message) as string,
});

describe('in mid-upload the file', () => {
  it.each(changes)('%s: no file comes of it, and the session is ended', async (_, change, message) => {
    emulator.addFaults({ on: 'upload', do: 'pace', bytesPerSecond: 64 * MiB });
    const { result } = startUploading(emulator.url, file);
    await emulator.waitFor((all) => all.some(({ bytes }) => bytes > 4 * MiB));
    await change();
    await expect(result).rejects.toMatchObject(fileChanged(message));
    expect(emulator.files.size).toBe(0);
    expect(emulator.sessions).toMatchObject([{ state: 'cancelled' }]);
  });

  // Neither size nor modification time shows it; the change time does, at the end: the workflow then deletes the file.
  it.each(inPlace)('%s', async (_, change, message) => {
    emulator.addFaults({ on: 'upload', do: 'pace', bytesPerSecond: 64 * MiB });
    const { result } = startUploading(emulator.url, file);
    await emulator.waitFor((all) => all.some(({ bytes }) => bytes > 4 * MiB));
    await change();
    await expect(result).rejects.toMatchObject(fileChanged(message));
  });

  // A rename or a new link moves the change time as well; the content, read again, is the same.
  it('is only linked to: it is uploaded', async () => {
    const { link } = await import('node:fs/promises');
    emulator.addFaults({ on: 'upload', do: 'pace', bytesPerSecond: 64 * MiB });
    const { result } = startUploading(emulator.url, file);
    await emulator.waitFor((all) => all.some(({ bytes }) => bytes > 4 * MiB));
    await link(file.path, `${file.path}.link`);
    expect(await result).toMatchObject({ sha256: file.sha256 });
  });
});

describe('between two attempts the file', () => {
  /** An attempt that ends after 8 MiB; what it leaves for the next. */
  async function first(): Promise<ResumePoint> {
    emulator.addFaults({ on: 'upload', do: 'reset', afterBytes: 8 * MiB }, { on: 'query', do: 'reset' });
    const { result, checkpoints } = startUploading(emulator.url, file);
    await expect(result).rejects.toMatchObject({ kind: 'connection' });
    const last = checkpoints.at(-1);
    if (!last) throw new Error('no checkpoint');
    return last;
  }

  const touched = changes.filter(([how]) => how === 'is touched');
  it.each([...changes.filter((one) => !touched.includes(one)), ...inPlace])(
    '%s: nothing more is sent',
    async (_, change, message) => {
      const resume = await first();
      await change();
      const expected = new RegExp(`${message.source}|content is not what was sent before`);
      await expect(uploading(emulator.url, file, { resume, mayExist: true })).rejects.toMatchObject(
        fileChanged(expected),
      );
      expect(story(emulator)).toEqual(['start 200', 'upload 0+8 reset', 'query reset', 'cancel 200']);
      expect(emulator.sessions).toMatchObject([{ state: 'cancelled' }]);
      expect(emulator.files.size).toBe(0);
    },
  );

  it.each([
    ['is touched', new Date()],
    // Another mount of the same disk, with whole seconds; here the second before.
    ['has an earlier time', new Date(WHEN.getTime() - 1000)],
  ])('%s, with the same content: the upload resumes', async (_, time) => {
    const resume = await first();
    await utimes(file.path, WHEN, time);
    expect(await uploading(emulator.url, file, { resume, mayExist: true })).toMatchObject({
      sha256: file.sha256,
    });
    expect(story(emulator).slice(3)).toEqual(['query 200', 'finalize 8+10 200']);
  });

  it('is touched, and the provider tells no hash of what it has: nothing is certain', async () => {
    const resume = await first();
    await utimes(file.path, WHEN, new Date());
    const json = {
      file: {
        name: NAME,
        uri: 'https://files.test/v1beta/files/a',
        sizeBytes: String(file.sizeBytes),
        state: 'ACTIVE',
      },
    };
    const headers = { 'x-goog-upload-status': 'final' };
    emulator.addFaults({ on: 'finalize', do: 'respond', status: 200, work: 'after', headers, json });
    await expect(uploading(emulator.url, file, { resume, mayExist: true })).rejects.toMatchObject(
      fileChanged(/its modification time has changed, and the provider tells no hash/),
    );
  });

  it('is the same: the upload resumes', async () => {
    const resume = await first();
    expect(resume).toMatchObject({ prefixBytes: 8 * MiB });
    expect(await uploading(emulator.url, file, { resume, mayExist: true })).toMatchObject({
      sha256: file.sha256,
    });
    expect(story(emulator).slice(3)).toEqual(['query 200', 'finalize 8+10 200']);
  });

  // The bytes after the last checkpoint are not known here; the provider's hash shows the difference.
  it('changes in a part that was sent after the last checkpoint: the hashes differ', async () => {
    const resume = { ...(await first()), prefixBytes: 0 };
    await overwrite(100);
    await expect(uploading(emulator.url, file, { resume, mayExist: true })).rejects.toMatchObject(
      fileChanged(/at the provider is not/),
    );
  });

  it('changes after an upload whose last answer was lost: it is not adopted', async () => {
    const { result, checkpoints } = startUploading(emulator.url, file);
    await result;
    await overwrite(100);
    const resume = checkpoints.at(-1);
    await expect(
      uploading(emulator.url, file, { mayExist: true, ...(resume && { resume }) }),
    ).rejects.toMatchObject(fileChanged(/content is not what was sent before|at the provider is not/));
  });
});

// Bytes that were damaged on the way, or a provider that mixed up two uploads: only the hash shows it.
it("a provider's hash that is not ours is an error", async () => {
  emulator.addFaults({ on: 'finalize', do: 'wrongHash' });
  await expect(uploading(emulator.url, file)).rejects.toMatchObject({
    name: 'UploadFailedError',
    message: expect.stringContaining(
      `with SHA-256 ${'0'.repeat(64)}, expected ${file.sizeBytes} bytes with ${file.sha256}`,
    ) as string,
  });
});
