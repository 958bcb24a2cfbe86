/** Whose word a configuration file is. It may say where the key goes and which files may be read: a stranger's must not be found. */

import { lstatSync, type Stats } from 'node:fs';
import { InvalidOptionsError } from '../contract/errors.js';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;

const MAX_BYTES = 1024 * 1024;

/**
 * Refuses a file that was found and not named, where anybody but this process's user and root could have written it: one in
 * a shared folder above the working directory, say; and what is no regular file, or larger than any configuration. On systems
 * without owners, any file is taken.
 *
 * @param stat - of the opened file, so that it can't be exchanged in between
 * @throws InvalidOptionsError that names the file and what to do
 */
export function assertTrusted(path: string, stat: Stats): void {
  if (stat.isDirectory()) return; // reading it says so
  if (!stat.isFile() || stat.size > MAX_BYTES) {
    const what = stat.isFile() ? `has more than ${MAX_BYTES} bytes` : 'is no regular file';
    throw new InvalidOptionsError(`The configuration file ${path} was found, and is not used: it ${what}`);
  }
  const user = process.geteuid?.();
  if (user === undefined) return;
  const { uid, gid, mode } = stat;
  // A link of a stranger's may lead to a file of the user's own, such as one that was only downloaded.
  const stranger = [uid, lstatSync(path).uid].find((owner) => owner !== user && owner !== 0);
  const doubt =
    stranger !== undefined
      ? `belongs to another user (${stranger})`
      : mode & WRITABLE_BY_ALL
        ? 'can be written by anybody'
        : // Debian and others give each user a group of their own, of the same number, and umask 002.
          mode & WRITABLE_BY_GROUP && gid !== user && gid !== 0
          ? `can be written by a group (${gid})`
          : undefined;
  if (doubt === undefined) return;
  throw new InvalidOptionsError(
    `The configuration file ${path} was found, and is not used: it ${doubt}. Where it is yours, give it by name ` +
      `(configFile, --config ${path}), or make it yours alone: chown, chmod go-w; where it is not, remove it or work elsewhere`,
  );
}
