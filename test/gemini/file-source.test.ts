/** What the upload reads: chunks in two buffers that all readers of a file share. */

import { open, mkdtemp, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileSource } from '../../src/gemini/index.js';

const MIB = 1024 * 1024;
/** Two full reads and a partial one. */
const content = Buffer.alloc(2 * MIB + 5, 'abcdefg');

let folder: string;
let handle: FileHandle;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gemini-files-source-'));
  const path = join(folder, 'clip.mp4');
  await writeFile(path, content);
  handle = await open(path);
});
afterEach(async () => {
  await handle.close();
  await rm(folder, { recursive: true });
});

async function bytes(source: FileSource, start: number, end: number): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of source.read(start, end)) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies);
}

it('reads any range, again and again', async () => {
  const source = await FileSource.of(handle, 'clip.mp4');
  for (const [start, end] of [
    [0, content.length],
    [MIB - 3, 2 * MIB + 1],
    [0, 1],
    [7, 7],
    [0, content.length],
  ] as const) {
    expect((await bytes(source, start, end)).equals(content.subarray(start, end))).toBe(true);
  }
});

it('leaves no read behind when a reader stops early: its buffer is the next reader’s', async () => {
  const events: string[] = [];
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const slow = new Proxy(handle, {
    get: (target, name) =>
      name === 'read'
        ? async (buffer: Buffer, offset: number, length: number, position: number) => {
            if (position > 0) await held;
            const result = await target.read(buffer, offset, length, position);
            events.push(`read at ${position}`);
            return result;
          }
        : (target[name as keyof FileHandle] as (...args: unknown[]) => unknown).bind(target),
  });
  const reader = (await FileSource.of(slow, 'clip.mp4')).read(0, content.length);
  await reader.next();
  const left = reader.return().then(() => events.push('left'));
  setImmediate(release);
  await left;
  expect(events).toEqual(['read at 0', `read at ${MIB}`, 'left']);
});
