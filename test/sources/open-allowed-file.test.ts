/** Which files a worker reads: everything else is refused, by its type, before anything is sent. */

import { execFileSync } from 'node:child_process';
import { chmod, link, mkdir, open, rename, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_FILE_BYTES, openAllowedFile } from '../../src/sources/index.js';
import { testFolder, type TestFolder } from '../support/files.js';

let folder: TestFolder;
/** The allowed root; `folder` itself is outside of it. */
let root: string;

beforeAll(async () => {
  folder = await testFolder();
  root = join(folder.path, 'root');
  await mkdir(join(root, 'sub'), { recursive: true });
  await writeFile(join(root, 'notes.txt'), 'words');
  await writeFile(join(folder.path, 'secret.txt'), 'secret');
  await mkdir(join(folder.path, 'hidden'));
  await writeFile(join(folder.path, 'hidden', 'there.txt'), 'hidden');
  await symlink('../hidden', join(root, 'out-deep'));
  await symlink('root/out-circle', join(folder.path, 'circle'));
  await symlink('root', join(folder.path, 'back'));
});
afterAll(() => folder[Symbol.asyncDispose]());

const open1 = async (path: string, roots = [root]) => {
  const source = await openAllowedFile(path, roots);
  await source.close();
  return source;
};
const refusal = async (path: string, roots = [root]) => {
  const error = await open1(path, roots).then(
    () => new Error('it was opened'),
    (reason: unknown) => reason as Error,
  );
  return { name: error.name, message: error.message };
};

/** Runs `work` as somebody without root's rights over files. */
async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  await chmod(folder.path, 0o755);
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

it.each([
  ['https://example.com/a.mp4?sig=S3CRET', 'https://example.com/a.mp4'],
  ['https://user:S3CRET@example.com/a.mp4', 'https://…'],
])('a URL that was given as a path, %s, is not shown as a secret', async (path, shown) => {
  expect(await refusal(path)).toEqual({
    name: 'FileNotFoundError',
    message: `There is no file ${shown} on the worker's host (ENOENT). Give a URL as \`source\`, not as the path`,
  });
  expect(await refusal(`${path}/../../../../..`)).toEqual({
    name: 'PathNotAllowedError',
    message: `${shown} is not below the worker's allowed roots`,
  });
});

describe('opens', () => {
  it('a file by its absolute path', async () => {
    expect(await open1(join(root, 'notes.txt'))).toMatchObject({
      label: join(root, 'notes.txt'),
      name: 'notes.txt',
      sizeBytes: 5,
    });
  });

  it('a relative path from the first root', async () => {
    const other = join(folder.path, 'other');
    await mkdir(other, { recursive: true });
    expect((await open1('notes.txt', [root, other])).label).toBe(join(root, 'notes.txt'));
    expect(await refusal('notes.txt', [other, root])).toMatchObject({ name: 'FileNotFoundError' });
  });

  it('a path with `..` that stays below the root', async () => {
    expect((await open1('sub/../notes.txt')).label).toBe(join(root, 'notes.txt'));
  });

  it('a file that is itself a root', async () => {
    const file = join(root, 'notes.txt');
    expect((await open1(file, [file])).sizeBytes).toBe(5);
    expect(await refusal(join(root, 'other.txt'), [file])).toMatchObject({ name: 'PathNotAllowedError' });
  });

  it('a link to a file below the root, and a file below a root that is a link', async () => {
    await symlink(join(root, 'notes.txt'), join(root, 'inner-link.txt'));
    expect((await open1('inner-link.txt')).sizeBytes).toBe(5);
    await symlink(root, join(folder.path, 'root-link'));
    expect((await open1('notes.txt', [join(folder.path, 'root-link')])).sizeBytes).toBe(5);
    expect((await open1(join(root, 'notes.txt'), [join(folder.path, 'root-link')])).sizeBytes).toBe(5);
  });

  it('a file of exactly 2 GiB, a name with odd characters, and one that begins with dots', async () => {
    const big = join(root, 'big.bin');
    const handle = await open(big, 'w');
    await handle.truncate(MAX_FILE_BYTES);
    await handle.close();
    expect((await open1(big)).sizeBytes).toBe(MAX_FILE_BYTES);
    await link(join(root, 'notes.txt'), join(root, 'мой файл\n"1".txt'));
    expect((await open1('мой файл\n"1".txt')).sizeBytes).toBe(5);
    await link(join(root, 'notes.txt'), join(root, '..notes.txt'));
    expect((await open1('..notes.txt')).sizeBytes).toBe(5);
  });
});

describe('refuses', () => {
  it('a missing file', async () => {
    const message = "There is no file none.txt on the worker's host (ENOENT)";
    expect(await refusal('none.txt')).toEqual({ name: 'FileNotFoundError', message });
    expect(await refusal('notes.txt/below')).toMatchObject({ name: 'FileNotFoundError' });
  });

  it('a name that is too long for the disk', async () => {
    expect(await refusal('n'.repeat(300))).toMatchObject({ name: 'FileNotFoundError' });
  });

  it('links that go round in a circle', async () => {
    await symlink('circle-b', join(root, 'circle-a'));
    await symlink('circle-a', join(root, 'circle-b'));
    expect(await refusal('circle-a')).toMatchObject({ name: 'FileNotFoundError' });
  });

  it.each(['n\0tes.txt', 'half \ud83c'])('%j, which no file can be called', async (path) => {
    expect(await refusal(path)).toEqual({
      name: 'PathNotAllowedError',
      message: `${path.toWellFormed()} is not below the worker's allowed roots`,
    });
  });

  it.each(['C:\\Windows\\win.ini', '\\\\host\\share\\x', 'sub\\..\\..\\secret.txt', 'c:notes.txt'])(
    'the Windows-style path %s, which is the name of a file that is not there',
    async (path) => {
      expect(await refusal(path)).toMatchObject({ name: 'FileNotFoundError' });
    },
  );

  it('a name on the disk that is not UTF-8, and no other file in its place', async () => {
    await writeFile(Buffer.concat([Buffer.from(`${root}/latin-`), Buffer.from([0xe9])]), 'words');
    expect(await refusal('latin-\ufffd')).toMatchObject({ name: 'FileNotFoundError' });
    expect(await refusal('latin-é')).toMatchObject({ name: 'FileNotFoundError' });
  });

  it('a link that leads out of a root which is not UTF-8 to a folder that reads alike', async () => {
    const below = (byte: number, name = '') =>
      Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([byte]), Buffer.from(name)]);
    await mkdir(below(0xff));
    await mkdir(below(0xfe));
    await writeFile(below(0xfe, '/secret.txt'), 'secret');
    await writeFile(below(0xff, '/own.txt'), 'own');
    await symlink(
      Buffer.concat([Buffer.from('../'), Buffer.from([0xfe]), Buffer.from('/secret.txt')]),
      below(0xff, '/link.txt'),
    );
    const odd = join(folder.path, 'odd');
    await symlink(below(0xff), odd);
    for (const name of ['link.txt', 'own.txt'])
      expect(await refusal(name, [odd])).toMatchObject({ name: 'PathNotAllowedError' });
  });

  it.each([
    '/proc/self/environ',
    '/proc/cpuinfo',
    '/proc/self/mem',
    '/sys/kernel/mm/transparent_hugepage/enabled',
  ])('%s, the kernel’s own, where even the whole disk is allowed', async (path) => {
    expect(await refusal(path, ['/'])).toEqual({
      name: 'NotAFileError',
      message: `${path} is not a regular file`,
    });
  });

  it('a directory', async () => {
    expect(await refusal('sub')).toEqual({ name: 'NotAFileError', message: 'sub is not a regular file' });
    expect(await refusal(root)).toMatchObject({ name: 'NotAFileError' });
  });

  it('a FIFO, without waiting for its writer', async () => {
    execFileSync('mkfifo', [join(root, 'fifo')]);
    expect(await refusal('fifo')).toMatchObject({ name: 'NotAFileError' });
  });

  it('a socket', async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(join(root, 'socket'), listening));
    expect(await refusal('socket')).toMatchObject({ name: 'NotAFileError' });
    await new Promise((closed) => server.close(closed));
  });

  it('a device', async () => {
    expect(await refusal('null', ['/dev'])).toMatchObject({ name: 'NotAFileError' });
    expect(await refusal('zero', ['/dev'])).toMatchObject({ name: 'NotAFileError' });
  });

  it('an empty file', async () => {
    await writeFile(join(root, 'empty.txt'), '');
    expect(await refusal('empty.txt')).toEqual({
      name: 'EmptyFileError',
      message: 'empty.txt is empty: there is nothing to upload',
    });
  });

  it('a file over 2 GiB', async () => {
    const handle = await open(join(root, 'huge.bin'), 'w');
    await handle.truncate(MAX_FILE_BYTES + 1);
    await handle.close();
    expect(await refusal('huge.bin')).toEqual({
      name: 'FileTooLargeError',
      message:
        'huge.bin has 2.15 GB (2147483649 bytes); the provider takes at most 2.15 GB (2147483648 bytes)',
    });
  });

  it('a file that the worker may not read', async () => {
    await writeFile(join(root, 'private.txt'), 'private', { mode: 0 });
    expect(await unprivileged(() => refusal('private.txt'))).toEqual({
      name: 'PathNotAllowedError',
      message: 'The worker may not read private.txt (EACCES)',
    });
  });

  it('everything, if there is no root', async () => {
    expect(await refusal(join(root, 'notes.txt'), [])).toMatchObject({ name: 'PathNotAllowedError' });
  });
});

describe('reveals nothing of what is outside the roots', () => {
  const refused = (path: string) => ({
    name: 'PathNotAllowedError',
    message: `${path} is not below the worker's allowed roots`,
  });

  it.each(['../secret.txt', '../none.txt', 'sub/../../secret.txt', '/etc/passwd', '/etc/none', '/', '..'])(
    '%s',
    async (path) => {
      expect(await refusal(path)).toEqual(refused(path));
    },
  );

  it('a folder beside the root whose name begins like it', async () => {
    await mkdir(`${root}-2`);
    await writeFile(`${root}-2/x.txt`, 'x');
    expect(await refusal(`${root}-2/x.txt`)).toEqual(refused(`${root}-2/x.txt`));
  });

  it.each([
    ['out-there', '../secret.txt'],
    ['out-none', '../none.txt'],
    ['out-folder', '../hidden'],
    ['out-absolute', '/etc/passwd'],
    ['out-absolute-none', '/etc/none/none'],
    ['out-twice', 'out-none'],
    ['out-fifo', '/proc/self/fd/0'],
    // Where the kernel goes by the folder that the link leads to, not by the text.
    ['out-and-up-there', 'out-deep/../secret.txt'],
    ['out-and-up-none', 'out-deep/../none.txt'],
    ['out-circle', '../circle'],
    ['out-and-back-none', '../back/none.txt'],
    ['out-too-long', `../${'n'.repeat(300)}`],
    ['out-device', '/dev/null'],
    ['out-kernel', '/proc/self/environ'],
  ])('through the link %s to %s', async (name, target) => {
    await symlink(target, join(root, name));
    expect(await refusal(name)).toEqual(refused(name));
    expect(await refusal(`${name}/below`)).toEqual(refused(`${name}/below`));
  });

  it.each(['..\\secret.txt', '..\\none.txt'])('%s, by the path separator of another system', async (path) => {
    expect(await refusal(path)).toEqual(refused(path));
  });

  it('below a link to a folder outside', async () => {
    await symlink('../hidden', join(root, 'out'));
    expect(await refusal('out/there.txt')).toEqual(refused('out/there.txt'));
    expect(await refusal('out/none.txt')).toEqual(refused('out/none.txt'));
    expect(await refusal('out/none/none.txt')).toEqual(refused('out/none/none.txt'));
  });

  it('below a folder outside that the worker may not enter', async () => {
    await mkdir(join(folder.path, 'locked'));
    await writeFile(join(folder.path, 'locked', 'x.txt'), 'x');
    await chmod(join(folder.path, 'locked'), 0o700);
    await symlink('../locked/x.txt', join(root, 'locked-there'));
    await symlink('../locked/none.txt', join(root, 'locked-none'));
    if (process.getuid?.() !== 0) await chmod(join(folder.path, 'locked'), 0);
    const both = await unprivileged(async () => [
      await refusal('locked-there'),
      await refusal('locked-none'),
    ]);
    expect(both).toEqual([refused('locked-there'), refused('locked-none')]);
    await chmod(join(folder.path, 'locked'), 0o700);
  });
});

it('continues to read the file that it opened, even if another file gets its name', async () => {
  const path = join(root, 'moved.txt');
  await writeFile(path, 'first');
  const source = await openAllowedFile(path, [root]);
  await rename(join(folder.path, 'secret.txt'), path);
  const chunks: string[] = [];
  for await (const chunk of source.read(0, 5)) chunks.push(String(chunk));
  await source.close();
  expect(chunks.join('')).toBe('first');
});
