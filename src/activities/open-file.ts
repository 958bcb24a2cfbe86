/** Opens the file to upload: only a regular one, only below the allowed roots, judged by what was really opened. */

import { constants } from 'node:fs';
import { open, readlink, realpath, stat, type FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import {
  EmptyFileError,
  FileNotFoundError,
  FileTooLargeError,
  NotAFileError,
  PathNotAllowedError,
} from '../contract/errors.js';
import { FileSource } from '../gemini/index.js';

/** The provider's own bound (`maxSize` of its `media.upload`). */
export const MAX_FILE_BYTES = 2 * 1024 ** 3;

/** Links that are followed one after the other; as many as Linux follows. */
const MAX_LINKS = 40;

/**
 * @param path - absolute, or relative to the first root
 * @throws FileNotFoundError, NotAFileError, EmptyFileError, FileTooLargeError
 * @throws PathNotAllowedError for anything outside the roots, whether it exists or not, and for what can't be read
 */
export async function openFile(path: string, roots: readonly string[]): Promise<FileSource> {
  const [base] = roots;
  if (base === undefined) throw notAllowed(path);
  const absolute = resolve(base, path);
  const real = await Promise.all(roots.map(realOr));
  if (!isBelow(absolute, [...roots, ...real])) throw notAllowed(path);

  const handle = await openForReading(absolute, path, real);
  try {
    await assertAllowed(handle, absolute, path, real);
    return await FileSource.of(handle, absolute);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openForReading(absolute: string, path: string, roots: readonly string[]): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for its writer.
    return await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A link on the way may lead out of the roots, where nothing may be told of what exists.
    if (!isBelow(await nearestExisting(absolute), roots)) throw notAllowed(path);
    if (code === 'EACCES' || code === 'EPERM') {
      throw new PathNotAllowedError(`The worker may not read ${path} (${code})`);
    }
    if (code === 'ENXIO' || code === 'ENODEV') throw new NotAFileError(`${path} is not a regular file`);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') {
      throw new FileNotFoundError(`There is no file ${path} on the worker's host (${code})`);
    }
    throw error;
  }
}

/** Checks the opened handle, so that nothing can be exchanged between the check and the use. */
async function assertAllowed(
  handle: FileHandle,
  absolute: string,
  path: string,
  roots: readonly string[],
): Promise<void> {
  const opened = await handle.stat({ bigint: true });
  const real = await realOr(absolute);
  const named = await stat(real, { bigint: true }).catch(() => undefined);
  if (!isBelow(real, roots) || named?.ino !== opened.ino || named.dev !== opened.dev) throw notAllowed(path);
  if (!opened.isFile()) throw new NotAFileError(`${path} is not a regular file`);
  if (opened.size === 0n) throw new EmptyFileError(`${path} is empty: there is nothing to upload`);
  if (opened.size > MAX_FILE_BYTES) {
    throw new FileTooLargeError(
      `${path} has ${opened.size} bytes; the provider takes at most ${MAX_FILE_BYTES} (2 GiB)`,
    );
  }
}

const realOr = (path: string) => realpath(path).catch(() => path);

/** Where `path` leads as far as it exists, through links whose target does not exist or may not be seen, too. */
async function nearestExisting(path: string): Promise<string> {
  let at = path;
  for (let links = 0; links < MAX_LINKS;) {
    const real = await realpath(at).catch(() => undefined);
    if (real !== undefined) return real;
    const target = await readlink(at).catch(() => undefined);
    if (target === undefined && dirname(at) === at) return at;
    if (target !== undefined) links += 1;
    at = target === undefined ? dirname(at) : resolve(await realOr(dirname(at)), target);
  }
  return at;
}

/** Whether `path` is one of the roots or below one. */
function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const way = relative(root, path);
    return way === '' || (!isAbsolute(way) && way.split(/[/\\]/, 1)[0] !== '..');
  });
}

function notAllowed(path: string): PathNotAllowedError {
  return new PathNotAllowedError(`${path} is not below the worker's allowed roots`);
}
