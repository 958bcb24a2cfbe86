/** What an open handle really is, by the kernel's own word where there is one: nothing can be exchanged between that and the use. */

import { isUtf8 } from 'node:buffer';
import { readlink, realpath, stat, statfs, type FileHandle } from 'node:fs/promises';
import { isAbsolute } from 'node:path';

/** Linux's link to what is behind a descriptor. It follows the file, not the name that it was opened by. */
const linkTo = (handle: FileHandle) => `/proc/self/fd/${handle.fd}`;

/** The text of a path; undefined where it is no UTF-8, of which two different ones would read alike. */
const textOf = (path: Buffer) => (isUtf8(path) ? path.toString() : undefined);

/** What the system says of a name that leads nowhere, or not for this process. Anything else may be better later. */
const NO_PATH: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EPERM'];

/**
 * The real path of a name; undefined where there is none, or where it is no UTF-8.
 *
 * @throws the system's error if it could not find out, such as ESTALE of a network disk
 */
export const exactRealPath = (name: string): Promise<string | undefined> =>
  realpath(name, { encoding: 'buffer' }).then(textOf, (error: NodeJS.ErrnoException) => {
    if (NO_PATH.includes(error.code)) return undefined;
    throw error;
  });

/**
 * The real path of the opened file; undefined where it can't be told, as of a pipe, or is no UTF-8. Elsewhere than on Linux, where a
 * handle does not know its path, the path that the name has now, if it is the same file that stands there.
 *
 * @param name - absolute path that it was opened by
 */
export async function realPathOf(handle: FileHandle, name: string): Promise<string | undefined> {
  const link = await readlink(linkTo(handle), { encoding: 'buffer' }).catch(() => undefined);
  if (link !== undefined) {
    const opened = textOf(link);
    return opened !== undefined && isAbsolute(opened) ? opened : undefined;
  }
  const real = await exactRealPath(name);
  if (real === undefined) return undefined;
  const [now, then] = await Promise.all([
    stat(real, { bigint: true }).catch(() => undefined),
    handle.stat({ bigint: true }),
  ]);
  return now?.ino === then.ino && now.dev === then.dev ? real : undefined;
}

/** Linux's file systems without a disk behind them, by `f_type`: proc, sys, cgroup, cgroup2, debug, trace, security, bpf, config, SELinux, EFI, pstore, devpts. */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11, 0x62656570,
  0xf97cff8c, 0xde5e81e4, 0x6165676c, 0x1cd1,
]);

/** Whether it is one of the kernel's own files, such as /proc/self/environ, which call themselves regular. */
export async function isKernelFile(handle: FileHandle): Promise<boolean> {
  const type = await statfs(linkTo(handle)).then(
    (system) => system.type,
    () => undefined,
  );
  return type !== undefined && KERNEL_FILE_SYSTEMS.has(type);
}
