/** Opens the file to upload: only a regular one, only below the allowed roots, judged by what was really opened. */

import { constants } from 'node:fs';
import { open, readlink, type FileHandle } from 'node:fs/promises';
import { isAbsolute, parse, relative, resolve, sep } from 'node:path';
import {
  EmptyFileError,
  FileNotFoundError,
  FileTooLargeError,
  NotAFileError,
  PathNotAllowedError,
} from '../contract/errors.js';
import { FileSource } from '../gemini/index.js';
import { exactRealPath, isKernelFile, realPathOf } from './opened-file.js';

/** The provider's own bound (`maxSize` of its `media.upload`). */
export const MAX_FILE_BYTES = 2 * 1024 ** 3;

/** Links that are followed one after the other; as many as Linux follows. */
const MAX_LINKS = 40;

/** An allowed root, as it was given and as it really is. */
interface Root {
  readonly given: string;
  readonly real: string;
  /** Why it is not known what it really is. */
  readonly trouble?: unknown;
}

/**
 * @param path - absolute, or relative to the first root
 * @throws FileNotFoundError, NotAFileError, EmptyFileError, FileTooLargeError
 * @throws PathNotAllowedError for anything outside the roots, whether it exists or not, for what can't be read, and for
 *   what no file can be called
 * @throws the system's own error if a disk does not answer, which may be better later
 */
export async function openFile(path: string, roots: readonly string[]): Promise<FileSource> {
  const [base] = roots;
  // Half of a surrogate pair would become another name on the way to the disk.
  if (base === undefined || path.includes('\0') || !path.isWellFormed()) throw notAllowed(path);
  const absolute = resolve(base, path);
  const known = await Promise.all(roots.map(lookAtRoot));
  // A root on a disk that does not answer concerns nobody but the files below it.
  const root = known.find(({ given, trouble }) => trouble !== undefined && isBelow(absolute, [given]));
  if (root) throw root.trouble;
  const real = known.map((root) => root.real);
  if (!isBelow(absolute, [...roots, ...real])) throw notAllowed(path);

  const handle = await openForReading(absolute, path, known);
  try {
    await assertAllowed(handle, absolute, path, real);
    return await FileSource.of(handle, absolute);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function lookAtRoot(given: string): Promise<Root> {
  try {
    return { given, real: (await exactRealPath(given)) ?? given };
  } catch (trouble) {
    return { given, real: given, trouble };
  }
}

async function openForReading(absolute: string, path: string, roots: readonly Root[]): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for its writer.
    return await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A link on the way may lead out of the roots, where nothing may be told of what exists.
    if (await leadsOut(absolute, roots)) throw notAllowed(path);
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
  const real = await realPathOf(handle, absolute);
  if (real === undefined || !isBelow(real, roots)) throw notAllowed(path);
  if (!opened.isFile() || (await isKernelFile(handle)))
    throw new NotAFileError(`${path} is not a regular file`);
  if (opened.size === 0n) throw new EmptyFileError(`${path} is empty: there is nothing to upload`);
  if (opened.size > MAX_FILE_BYTES) {
    throw new FileTooLargeError(
      `${path} has ${opened.size} bytes; the provider takes at most ${MAX_FILE_BYTES} (2 GiB)`,
    );
  }
}

/**
 * Whether a name that can't be opened leads to anything outside the roots: by a link on the way, whether or not there is
 * something at its end. Walked as the kernel walks it, a name at a time.
 */
async function leadsOut(absolute: string, roots: readonly Root[]): Promise<boolean> {
  const root = roots.find(({ given, real }) => isBelow(absolute, [given]) || isBelow(absolute, [real]));
  if (!root) return true;
  const real = roots.map((one) => one.real);
  let at = root.real;
  const ahead = namesOf(relative(isBelow(absolute, [root.given]) ? root.given : root.real, absolute));
  for (let links = 0; ahead.length > 0 && links <= MAX_LINKS;) {
    const next = resolve(at, ahead.shift() ?? '');
    // A folder that a root lies in is known to exist; any other name out there is not to be told of.
    if (!isBelow(next, real) && !real.some((one) => isBelow(one, [next]))) return true;
    const target = await readlink(next).catch(() => undefined);
    if (target === undefined) {
      at = next;
      continue;
    }
    links += 1;
    if (isAbsolute(target)) at = parse(target).root;
    ahead.unshift(...namesOf(target));
  }
  return !isBelow(at, real);
}

const namesOf = (path: string) => path.split(sep).filter((name) => name !== '');

/** Whether `path` is one of the roots or below one. */
function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const way = relative(root, path);
    return way === '' || (!isAbsolute(way) && way.split(/[/\\]/, 1)[0] !== '..');
  });
}

function notAllowed(path: string): PathNotAllowedError {
  return new PathNotAllowedError(`${path.toWellFormed()} is not below the worker's allowed roots`);
}
