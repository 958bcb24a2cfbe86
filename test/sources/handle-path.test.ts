/** Real paths where `realpath` gives text, as under Yarn's Plug'n'Play, and where it gives bytes. */

import type * as fs from 'node:fs/promises';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { testFolder } from '../support/files.js';

const answers = vi.hoisted((): { next: string | Buffer } => ({ next: '' }));
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof fs>()),
  realpath: () => Promise.resolve(answers.next),
}));
const { exactRealPath, realPathOf } = await import('../../src/sources/handle-path.js');

it.each<[string, string | Buffer, string | undefined]>([
  ['bytes', Buffer.from('/media/clip.mp4'), '/media/clip.mp4'],
  ['text', '/media/clip.mp4', '/media/clip.mp4'],
  ['text with letters of other scripts', '/media/Фильм 🎬.mp4', '/media/Фильм 🎬.mp4'],
  ['bytes that are not UTF-8', Buffer.from([0x2f, 0xff]), undefined],
  ['text in which such bytes were replaced', '/media/\uFFFD.mp4', undefined],
])('%s', async (_, answer, path) => {
  answers.next = answer;
  expect(await exactRealPath('/media/clip.mp4')).toBe(path);
});

const { platform } = process;
afterEach(() => {
  Object.defineProperty(process, 'platform', { value: platform });
});

it('knows a renamed file by its handle on Linux alone: elsewhere, /proc may be a folder that any user has made', async () => {
  await using folder = await testFolder();
  const before = await folder.file('a.mp4', 10);
  const after = join(folder.path, 'b.mp4');
  await using handle = await open(before.path);
  await rename(before.path, after);
  answers.next = before.path;
  expect(await realPathOf(handle, before.path)).toBe(after);
  Object.defineProperty(process, 'platform', { value: 'win32' });
  expect(await realPathOf(handle, before.path)).toBeUndefined();
});
