import { lstatSync, mkdirSync, statSync, type Stats } from 'node:fs';
import module from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { userFolder } from '../util/user-folder.js';

type EnableCompileCache = (folder: string) => unknown;

const WRITABLE_BY_OTHERS = 0o022;

/**
 * Lets Node.js (22.8 and later) keep the compiled code of modules for the next command, in this package's cache folder. Node.js runs what
 * it finds in that folder. So the folder is used only if no other user can write to it.
 *
 * Does nothing if `NODE_COMPILE_CACHE` or `NODE_DISABLE_COMPILE_CACHE` is set, because Node.js reads them itself, or if coverage is
 * measured, because cached code makes the coverage wrong.
 */
export function enableCompileCache(
  env: Readonly<Record<string, string | undefined>> = process.env,
  enable = (module as { enableCompileCache?: EnableCompileCache }).enableCompileCache,
): void {
  if (!enable || env.NODE_COMPILE_CACHE || env.NODE_DISABLE_COMPILE_CACHE || env.NODE_V8_COVERAGE) return;
  try {
    const folder = privateFolder(env);
    if (folder !== undefined) enable(folder);
  } catch {
    // Without the folder, as in a home that is read-only, a command only starts more slowly.
  }
}

/** The folder for the compiled code. Undefined on systems without file owners, and if another user owns a folder, as with sudo. */
function privateFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const own = userFolder('cache', env);
  const user = process.geteuid?.();
  const isPrivate = (stat: Stats) =>
    stat.isDirectory() && stat.uid === user && (stat.mode & WRITABLE_BY_OTHERS) === 0;
  // What is missing above is not created: as root, it would keep the user from their own folder.
  if (!isAbsolute(own) || !isPrivate(statSync(dirname(own)))) return undefined;
  const folder = join(own, 'compiled');
  for (const path of [own, folder]) {
    if (!lstatSync(path, { throwIfNoEntry: false })) mkdirSync(path, 0o700);
    // A link is refused too: it is not a directory for `lstat`.
    if (!isPrivate(lstatSync(path))) return undefined;
  }
  return folder;
}
