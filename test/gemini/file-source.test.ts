/** What the upload reads: chunks in two buffers that all readers of a file share. */

import { execFileSync } from 'node:child_process';
import { open, mkdtemp, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FileSource } from '../../src/gemini/index.js';
import { withRead } from '../support/slow-disk.js';

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
  vi.useRealTimers();
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
  const slow = withRead(handle, async (read, position) => {
    if (position > 0) await held;
    const result = await read();
    events.push(`read at ${position}`);
    return result;
  });
  const reader = (await FileSource.of(slow, 'clip.mp4')).read(0, content.length);
  await reader.next();
  const left = reader.return().then(() => events.push('left'));
  setImmediate(release);
  await left;
  expect(events).toEqual(['read at 0', `read at ${MIB}`, 'left']);
});

it('gives up a read that hangs: its buffer is not used again, and `close` does not wait for it', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let late: Promise<unknown> = Promise.resolve();
  let hangs = true;
  const hanging = withRead(handle, (read, _, buffer) => {
    if (!hangs) return read();
    hangs = false;
    const work = held.then(() => ({ bytesRead: buffer.fill('late').length, buffer }));
    late = work;
    return work;
  });
  const source = await FileSource.of(hanging, 'clip.mp4');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const given = expect(bytes(source, 0, 10)).rejects.toMatchObject({
    name: 'SourceError',
    message: 'clip.mp4 could not be read: its disk did not answer in 60000 ms',
    retryable: true,
  });
  await vi.advanceTimersByTimeAsync(60_000);
  await given;
  const reader = source.read(0, content.length);
  const { value: chunk } = await reader.next();
  release();
  await late;
  expect(chunk?.equals(content.subarray(0, MIB))).toBe(true);
  await reader.return();
});

it('is closed when a read that hangs has ended, without a wait for it', async () => {
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  // Both ends, so that nobody has to write for it to open; a read of it waits for bytes.
  const fifo = await open(path, 'r+');
  const closing = vi.spyOn(fifo, 'close');
  let read: Promise<unknown> | undefined;
  const hanging = new Proxy(fifo, {
    get(target, name) {
      if (name === 'read') return (buffer: Buffer) => (read = target.read(buffer, 0, 4, null));
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  const source = await FileSource.of(hanging, path, await handle.stat({ bigint: true }));
  const next = source.read(0, 4).next();
  await source.close();
  expect(fifo.fd).toBeGreaterThan(0);
  await writeFile(path, 'late');
  await Promise.all([next, read, closing.mock.results[0]?.value]);
  expect(fifo.fd).toBe(-1);
});
