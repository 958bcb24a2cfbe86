/** Reads a configuration file that was discovered, not named. Another user may have put it there, so it is checked when it is open. */

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  type Stats,
} from 'node:fs';
import { InvalidOptionsError } from '../contract/errors.js';
import { decodeText } from '../util/decode-text.js';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
const MAX_BYTES = 1024 * 1024;

/**
 * The file's content; undefined if there is no file or it is blank. On systems without file owners, any regular file is accepted.
 *
 * @throws InvalidOptionsError if it is not a regular file of at most 1 MiB, or if anyone except this process's user and root could have
 *   written it: it decides where the key is sent and which files can be read
 */
export function readDiscovered(path: string): string | undefined {
  const file = openIfPresent(path);
  if (file === undefined) return undefined;
  try {
    const stat = fstatSync(file);
    const problem = stat.isDirectory() ? undefined : (problemOfType(stat) ?? problemOfOwner(stat, path));
    if (problem !== undefined) throw refused(path, problem);
    const content = decodeText(readFileSync(file));
    return content.trim() === '' ? undefined : content;
  } finally {
    closeSync(file);
  }
}

function openIfPresent(path: string): number | undefined {
  try {
    // Opening a pipe must not block, and opening a terminal must not make it this process's own. Windows has neither flag.
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
  } catch (error) {
    if (!existsSync(path)) return undefined;
    throw error;
  }
}

function problemOfType(stat: Stats): string | undefined {
  if (!stat.isFile()) return 'is not a regular file';
  return stat.size > MAX_BYTES ? `has more than ${MAX_BYTES} bytes` : undefined;
}

function problemOfOwner({ uid, gid, mode }: Stats, path: string): string | undefined {
  const user = process.geteuid?.();
  if (user === undefined) return undefined;
  // Another user's link can point to a file of this user, such as a download.
  const stranger = [uid, lstatSync(path).uid].find((owner) => owner !== user && owner !== 0);
  if (stranger !== undefined) return `belongs to another user (${stranger})`;
  if (mode & WRITABLE_BY_ALL) return 'is writable by everyone';
  // Debian and others give each user a group of their own with the user's number, and the umask 002.
  return mode & WRITABLE_BY_GROUP && gid !== user && gid !== 0
    ? `is writable by a group (${gid})`
    : undefined;
}

const refused = (path: string, problem: string) =>
  new InvalidOptionsError(
    `The configuration file ${path} was found, but it is not used: it ${problem}. If it is yours, name it (configFile, --config ${path}) ` +
      'or make it writable for you alone (chown, chmod go-w). If it is not, remove it or work in another folder',
  );
