/** What the argument of `upload` names: a file on this machine, or a source. */

import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FileNotFoundError } from '../../contract/errors.js';
import type { FileOrigin } from '../../contract/options.js';
import type { SourceFingerprint } from '../../contract/activities.js';
import { isSourceName } from '../../contract/source.js';
import { openAllowedFile } from '../../sources/index.js';
import { errorMessage } from '../../util/error-message.js';
import { inLocalWords } from './local-words.js';
import { hintForPath } from './path-hint.js';

/** But `file:`, for which there is a better hint. */
const URL_SCHEME = /^(?!file:)[a-z][a-z0-9+.-]*:\/\//i;

/** URLs of any scheme are sources, so that the message about `http://` says what to do. `./a:b` is always a path. */
export async function toOrigin(given: string): Promise<FileOrigin> {
  if (URL_SCHEME.test(given)) return { source: given };
  const isNamed = isSourceName(given.split(':', 1)[0] ?? '') && given.includes(':');
  // Before there were sources, such a name could only be a file's.
  if (isNamed && !(await exists(given))) return { source: given };
  return { path: await toCanonicalPath(given) };
}

/**
 * What tells an unchanged file. A source is not asked: two uploads of one URL at the same time are one run, and a change under an open
 * run is noticed by that run.
 *
 * @throws FileNotFoundError that names the file which was probably meant, and the other errors of a file that cannot be uploaded
 */
export async function fingerprintOf(given: string, { path }: FileOrigin): Promise<SourceFingerprint> {
  if (path === undefined) return { sizeBytes: 0, version: '' };
  try {
    const file = await openAllowedFile(path, ['/', path]);
    await file.close();
    return file.fingerprint;
  } catch (error) {
    const local = inLocalWords(error, path);
    const hint = error instanceof FileNotFoundError ? await hintForPath(given, path) : undefined;
    if (hint === undefined) throw local;
    throw new FileNotFoundError(`${errorMessage(local)}. ${hint}`, { cause: error });
  }
}

const exists = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  );

/**
 * The absolute path without links in its folders, so that each way to a file leads to the same run. A link to the file
 * itself keeps its name.
 */
async function toCanonicalPath(given: string): Promise<string> {
  const path = resolve(given);
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return join(folder, basename(path));
}
