/** Real paths where `realpath` gives text, as under Yarn's Plug'n'Play, and where it gives bytes. */

import type * as fs from 'node:fs/promises';
import { expect, it, vi } from 'vitest';

const answers = vi.hoisted((): { next: string | Buffer } => ({ next: '' }));
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof fs>()),
  realpath: () => Promise.resolve(answers.next),
}));
const { exactRealPath } = await import('../../src/sources/handle-path.js');

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
