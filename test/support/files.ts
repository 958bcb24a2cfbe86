/** Files to upload, in a folder of the test's own. */

import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export interface TestFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface TestFolder extends AsyncDisposable {
  readonly path: string;
  /** Creates a file of `sizeBytes` bytes in which each MiB is different. */
  file(name: string, sizeBytes: number): Promise<TestFile>;
}

export async function testFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'gemini-files-'));
  return {
    path,
    file: (name, sizeBytes) => makeFile(join(path, name), sizeBytes),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** The same for all tests of a file, which removes it. */
export async function useTestFolder(): Promise<TestFolder> {
  const folder = await testFolder();
  afterAll(() => folder[Symbol.asyncDispose]());
  return folder;
}

const BLOCK = 1024 * 1024;

async function makeFile(path: string, sizeBytes: number): Promise<TestFile> {
  const hash = createHash('sha256');
  const handle = await open(path, 'w');
  try {
    for (let offset = 0; offset < sizeBytes; offset += BLOCK) {
      const block = Buffer.alloc(Math.min(BLOCK, sizeBytes - offset), `block ${offset / BLOCK};`);
      hash.update(block);
      await handle.write(block);
    }
  } finally {
    await handle.close();
  }
  return { path, sizeBytes, sha256: hash.digest('hex') };
}
