/** The real path and the kind of an open file. On Linux the kernel tells both of the handle, so a replaced file cannot deceive the check. */

import { isUtf8 } from 'node:buffer';
import { readlink, realpath, stat, statfs, type FileHandle } from 'node:fs/promises';
import { isAbsolute } from 'node:path';

/**
 * Asks Linux's link to the file behind a descriptor, which follows the file and not the name by which it was opened.
 *
 * @returns undefined if the link does not answer, and on other systems: there, any user may be able to make such a path, for example in `C:\`
 */
async function ofLink<T>(handle: FileHandle, ask: (link: string) => Promise<T>): Promise<T | undefined> {
  if (process.platform !== 'linux') return undefined;
  return ask(`/proc/self/fd/${handle.fd}`).catch(() => undefined);
}

/** The path as text; undefined if it is not UTF-8, because different invalid paths would decode to the same text. */
function textOf(path: Buffer | string): string | undefined {
  // Under Yarn's Plug'n'Play, calls that ask for a buffer return text, in which U+FFFD replaces bytes that are not UTF-8.
  if (typeof path === 'string') return path.includes('\uFFFD') ? undefined : path;
  return isUtf8(path) ? path.toString() : undefined;
}

/** Error codes of a path that does not exist, or not for this process. Any other error can be transient. */
const NO_PATH: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EPERM'];

/**
 * The real path of a name; undefined if it does not exist or is not UTF-8.
 *
 * @throws the system's error if the disk did not answer, such as ESTALE of a network disk
 */
export const exactRealPath = (name: string): Promise<string | undefined> =>
  realpath(name, { encoding: 'buffer' }).then(textOf, (error: NodeJS.ErrnoException) => {
    if (NO_PATH.includes(error.code)) return undefined;
    throw error;
  });

/**
 * The real path of the open file; undefined if it has none, as a pipe, or if it is not UTF-8. On systems other than Linux, a handle
 * does not know its path: there it is the real path of the name, if that is still the same file.
 *
 * @param name - absolute path by which it was opened
 */
export async function realPathOf(handle: FileHandle, name: string): Promise<string | undefined> {
  const link = await ofLink(handle, (path) => readlink(path, { encoding: 'buffer' }));
  if (link !== undefined) {
    const opened = textOf(link);
    return opened !== undefined && isAbsolute(opened) ? opened : undefined;
  }
  const real = await exactRealPath(name);
  if (real === undefined) return undefined;
  const now = await stat(real, { bigint: true }).catch(() => undefined);
  const then = await handle.stat({ bigint: true });
  return now?.ino === then.ino && now.dev === then.dev ? real : undefined;
}

/** Linux's virtual file systems, by `f_type`: proc, sys, cgroup, cgroup2, debug, trace, security, bpf, config, SELinux, EFI, pstore, devpts. */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11, 0x62656570,
  0xf97cff8c, 0xde5e81e4, 0x6165676c, 0x1cd1,
]);

/** Whether it is a kernel file, such as /proc/self/environ, which is reported as a regular file. */
export async function isKernelFile(handle: FileHandle): Promise<boolean> {
  const system = await ofLink(handle, (path) => statfs(path));
  return system !== undefined && KERNEL_FILE_SYSTEMS.has(system.type);
}
