/** `npm start` builds only if something has changed. */

import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isStale } from '../../scripts/build/is-stale.js';

let root: string;
const path = (name: string) => join(root, name);
/** Sets the time of change to some seconds after a fixed one. */
const touch = (name: string, seconds: number) => utimes(path(name), 1_600_000_000, 1_600_000_000 + seconds);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gemini-files-stale-'));
  await mkdir(path('src/inner'), { recursive: true });
  for (const file of ['src/a.ts', 'src/inner/b.ts', 'lock.json', 'built.json'])
    await writeFile(path(file), '');
  for (const name of ['src/a.ts', 'src/inner/b.ts', 'src/inner', 'src', 'lock.json']) await touch(name, 0);
  await touch('built.json', 10);
});
afterEach(() => rm(root, { recursive: true }));

const stale = () => isStale(root, ['src', 'lock.json'], 'built.json');

it('a build after the last change is used', () => {
  expect(stale()).toBe(false);
});

it.each(['src/a.ts', 'src/inner/b.ts', 'src/inner', 'lock.json'])(
  'a change of %s leads to a build',
  async (name) => {
    await touch(name, 20);
    expect(stale()).toBe(true);
  },
);

it('a file that was removed, and a build that is missing, lead to one', async () => {
  await rm(path('src/inner/b.ts'));
  expect(stale()).toBe(true);
  await touch('src/inner', 0);
  expect(stale()).toBe(false);
  await rm(path('built.json'));
  expect(stale()).toBe(true);
});
