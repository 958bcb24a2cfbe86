/** Somebody who may write below an allowed root exchanges a folder between the steps of an open. */

import { renameSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import type * as FileSystem from 'node:fs/promises';
import { openAllowedFile } from '../../src/sources/index.js';
import { testFolder, type TestFolder } from '../support/files.js';

/** Called before each call into the file system, with the function's name. */
let before: (call: string) => void = () => undefined;
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FileSystem>();
  const watched = (name: 'open' | 'readlink' | 'realpath' | 'stat' | 'statfs') =>
    ((...args: never[]) => {
      before(name);
      return (real[name] as (...args: never[]) => unknown)(...args);
    }) as never;
  return {
    ...real,
    open: watched('open'),
    readlink: watched('readlink'),
    realpath: watched('realpath'),
    stat: watched('stat'),
    statfs: watched('statfs'),
  };
});

let folder: TestFolder;
let root: string;
beforeAll(async () => {
  folder = await testFolder();
  root = join(folder.path, 'root');
  await mkdir(join(root, 'd'), { recursive: true });
  await mkdir(join(folder.path, 'outside'));
  await writeFile(join(root, 'd', 'f.txt'), 'inside');
  await writeFile(join(folder.path, 'outside', 'f.txt'), 'secret');
  await symlink('../outside', join(root, 'link'));
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Makes `d` the folder that it was, or a link to the one outside. */
let linked = false;
function put(wanted: 'folder' | 'link'): void {
  if (linked === (wanted === 'link')) return;
  linked = !linked;
  const [out, into] = linked ? ['folder', 'link'] : ['link', 'folder'];
  renameSync(join(root, 'd'), join(root, out));
  renameSync(join(root, into), join(root, 'd'));
}

const CALLS = ['open', 'readlink', 'realpath', 'stat', 'statfs'];
/** Every way to have, at each kind of step, one of the two in place. */
const plans = Array.from({ length: 2 ** CALLS.length }, (_, bits) =>
  Object.fromEntries(
    CALLS.map((call, at) => [call, bits & (1 << at) ? ('link' as const) : ('folder' as const)]),
  ),
);

it.each(plans)('gives nothing from outside: %j', async (plan) => {
  put('folder');
  before = (call) => put(plan[call] ?? 'folder');
  const text = await openAllowedFile('d/f.txt', [root]).then(
    async (source) => {
      const chunks: string[] = [];
      for await (const chunk of source.read(0, source.sizeBytes)) chunks.push(String(chunk));
      await source.close();
      return chunks.join('');
    },
    (error: Error) => error.name,
  );
  before = () => undefined;
  // A file that was inside when it was opened may be read, or refused; the one outside may not.
  expect(text).toBe(plan.open === 'link' ? 'PathNotAllowedError' : 'inside');
});
