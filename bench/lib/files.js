/** Files to upload, in a folder that is gone afterwards. */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const MIB = 1024 * 1024;

/** @param work - is given the folder, and a function that makes a file of so many bytes and returns its path */
export async function withFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), 'gemini-files-bench-'));
  try {
    return await work(folder, (name, sizeBytes) => makeFile(join(folder, name), sizeBytes));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeFile(path, sizeBytes) {
  const block = randomBytes(Math.min(MIB, sizeBytes));
  const file = await open(path, 'w');
  try {
    for (let left = sizeBytes; left > 0; left -= block.length)
      await file.write(block, 0, Math.min(left, block.length));
    // What is not on the disk yet would be written during the measurement.
    await file.datasync();
  } finally {
    await file.close();
  }
  return path;
}

/** Reads the file once, so that it comes from the page cache afterwards. */
export async function warm(path) {
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) void chunk;
}
