/** Opens the file to upload: only a regular file, and only below the allowed roots. The checks apply to the open handle. */

import { constants, type BigIntStats } from 'node:fs';
import { open, readlink, type FileHandle } from 'node:fs/promises';
import { isAbsolute, parse, relative, resolve, sep } from 'node:path';
import { FileNotFoundError, NotAFileError, PathNotAllowedError } from '../contract/errors.js';
import { showPath } from '../contract/show.js';
import { FileSource } from '../gemini/index.js';
import { exactRealPath, isKernelFile, realPathOf } from './handle-path.js';
import { assertSize } from './size.js';

/** Longest chain of symbolic links that is followed; the same as Linux. */
const MAX_LINKS = 40;

/** An allowed root: the given path, and its real path. */
interface Root {
  readonly given: string;
  readonly real: string;
  /** Why the real path is not known. */
  readonly error?: unknown;
}

/**
 * @param path - absolute, or relative to the first root
 * @param signal - ends each wait for the disk once the file is open
 * @throws FileNotFoundError, NotAFileError, EmptyFileError, FileTooLargeError
 * @throws PathNotAllowedError for a path outside the roots, whether it exists or not, for a file that the worker may not read,
 *   and for a path that cannot be a file name
 * @throws the system's error if the disk did not answer, which can be transient
 */
export async function openAllowedFile(
  path: string,
  roots: readonly string[],
  signal?: AbortSignal,
): Promise<FileSource> {
  const [base] = roots;
  const shown = showPath(path);
  // An unpaired surrogate would be replaced on the way to the disk, and so name another file.
  if (base === undefined || path.includes('\0') || !path.isWellFormed()) throw notAllowed(shown);
  const absolute = resolve(base, path);
  const resolvedRoots: Root[] = [];
  // One after the other: if their disk hangs, they hold one of Node's threads and not one each.
  for (const root of roots) resolvedRoots.push(await resolveRoot(root));
  // A root that cannot be looked at affects only the files below it.
  const unknown = resolvedRoots.find(({ given, error }) => error !== undefined && isBelow(absolute, [given]));
  if (unknown) throw unknown.error;
  const real = resolvedRoots.map((root) => root.real);
  if (!isBelow(absolute, [...roots, ...real])) throw notAllowed(shown);

  const handle = await openForReading(absolute, shown, resolvedRoots);
  try {
    const stat = await statAllowed(handle, absolute, shown, real);
    return await FileSource.of(handle, absolute, stat, signal);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function resolveRoot(given: string): Promise<Root> {
  try {
    return { given, real: (await exactRealPath(given)) ?? given };
  } catch (error) {
    return { given, real: given, error };
  }
}

async function openForReading(absolute: string, shown: string, roots: readonly Root[]): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for its writer.
    return await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A link in the path may lead outside the roots: do not reveal what exists there.
    if (await escapesRoots(absolute, roots)) throw notAllowed(shown);
    if (code === 'EACCES' || code === 'EPERM') {
      throw new PathNotAllowedError(`The worker may not read ${shown} (${code})`);
    }
    if (code === 'ENXIO' || code === 'ENODEV') throw new NotAFileError(`${shown} is not a regular file`);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') {
      const hint = /^https?:\/\//i.test(shown) ? '. Give a URL as `source`, not as the path' : '';
      throw new FileNotFoundError(`There is no file ${shown} on the worker's host (${code})${hint}`);
    }
    throw error;
  }
}

/** The state of the open handle, which is checked: so the file cannot be replaced between check and use (TOCTOU). */
async function statAllowed(
  handle: FileHandle,
  absolute: string,
  shown: string,
  roots: readonly string[],
): Promise<BigIntStats> {
  // One after the other, as above.
  const opened = await handle.stat({ bigint: true });
  const real = await realPathOf(handle, absolute);
  const ofKernel = await isKernelFile(handle);
  if (real === undefined || !isBelow(real, roots)) throw notAllowed(shown);
  if (!opened.isFile() || ofKernel) throw new NotAFileError(`${shown} is not a regular file`);
  assertSize(shown, opened.size);
  return opened;
}

/**
 * Whether a path that cannot be opened leads outside the roots through a symbolic link, whether or not its target exists.
 * Resolves one name after the other, as the kernel does.
 */
async function escapesRoots(absolute: string, roots: readonly Root[]): Promise<boolean> {
  const root = roots.find(({ given, real }) => isBelow(absolute, [given]) || isBelow(absolute, [real]));
  if (!root) return true;
  const real = roots.map((one) => one.real);
  let at = root.real;
  const remaining = splitPath(relative(isBelow(absolute, [root.given]) ? root.given : root.real, absolute));
  for (let links = 0; remaining.length > 0 && links <= MAX_LINKS;) {
    const next = resolve(at, remaining.shift() ?? '');
    // Ancestors of a root are known to exist; do not reveal whether any other outside path exists.
    if (!isBelow(next, real) && !real.some((one) => isBelow(one, [next]))) return true;
    const target = await readlink(next).catch(() => undefined);
    if (target === undefined) {
      at = next;
      continue;
    }
    links += 1;
    if (isAbsolute(target)) at = parse(target).root;
    remaining.unshift(...splitPath(target));
  }
  return !isBelow(at, real);
}

const splitPath = (path: string) => path.split(sep).filter((name) => name !== '');

/** Whether `path` is one of the roots or below one. */
function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const rest = relative(root, path);
    return rest === '' || (!isAbsolute(rest) && rest.split(/[/\\]/, 1)[0] !== '..');
  });
}

function notAllowed(shown: string): PathNotAllowedError {
  return new PathNotAllowedError(`${shown.toWellFormed()} is not below the worker's allowed roots`);
}
