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
import { othersWhoWrite } from '../util/others-who-write.js';

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

function problemOfOwner(stat: Stats, path: string): string | undefined {
  const user = process.geteuid?.();
  if (user === undefined) return undefined;
  // Another user's link can point to a file of this user, such as a download. The mode of a link says nothing.
  const { uid, gid } = lstatSync(path);
  return othersWhoWrite({ uid, gid, mode: 0 }, user) ?? othersWhoWrite(stat, user);
}

const refused = (path: string, problem: string) =>
  new InvalidOptionsError(
    `The configuration file ${path} was found, but it is not used: it ${problem}. If it is yours, name it (configFile, --config ${path}) ` +
      'or make it writable for you alone (chown, chmod go-w). If it is not, remove it or work in another folder',
  );
