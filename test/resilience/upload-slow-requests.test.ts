/** Gateways that give up a request for the time that it takes: the next attempt begins with a shorter one. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import type { GeminiApiError, ResumePoint } from '../../src/gemini/index.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { hastyGateway } from '../support/hasty-gateway.js';
import { MiB, startUploading } from '../support/upload.js';

let folder: TestFolder;
let file: TestFile;
beforeAll(async () => {
  folder = await testFolder();
  file = await folder.file('recording.bin', 8 * MiB);
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Attempts until the file is there, or five have failed; each with what the one before has handed over. */
async function uploadWithAttempts(
  url: string,
  name: string,
): Promise<{ failed: (number | undefined)[]; sha256?: string }> {
  const failed: (number | undefined)[] = [];
  let resume: ResumePoint | undefined;
  while (failed.length < 5) {
    const { result, checkpoints } = startUploading(url, file, { name, ...(resume && { resume }) });
    try {
      return { failed, sha256: (await result).sha256 };
    } catch (error) {
      failed.push((error as GeminiApiError).status);
    }
    resume = checkpoints.at(-1) ?? resume;
  }
  return { failed };
}

it.concurrent.each([408, 502, 503, 504, 'break'] as const)(
  'a request that takes long and ends with %s makes the next attempt begin with half of it',
  async (end) => {
    await using emulator = await GeminiFilesEmulator.start({ granularity: MiB / 2 });
    await using gateway = await hastyGateway(emulator, { maxBytes: 2 * MiB, afterMs: 2100, end });
    const status = end === 'break' ? 503 : end;
    expect(await uploadWithAttempts(gateway.url, 'files/slow')).toEqual({
      failed: [status, status],
      sha256: file.sha256,
    });
    expect(gateway.lengths.slice(0, 3).map((bytes) => bytes / MiB)).toEqual([8, 4, 2]);
  },
);

it.concurrent('one that fails at once says nothing about its length', async () => {
  await using emulator = await GeminiFilesEmulator.start({ granularity: MiB / 2 });
  await using gateway = await hastyGateway(emulator, { maxBytes: 2 * MiB, afterMs: 0, end: 503 });
  expect(await uploadWithAttempts(gateway.url, 'files/short')).toEqual({ failed: [503, 503, 503, 503, 503] });
  expect(gateway.lengths.map((bytes) => bytes / MiB)).toEqual([8, 8, 8, 8, 8]);
});
