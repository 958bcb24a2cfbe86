/** A path that names no file, and the one that was probably meant. */

import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @param given - as the user wrote it
 * @param path - absolute
 * @returns a sentence; undefined if nothing is known to be wrong
 */
export async function hintForPath(given: string, path: string): Promise<string | undefined> {
  if (given.startsWith('file:')) return `It is a URL; give the path: ${pathOfUrl(given)}`;
  if (given.startsWith('~'))
    return 'The shell did not replace ~, because it was quoted: write it without quotes, or use $HOME';
  if (/^["'].*["']$/.test(given)) return 'There are quotation marks in the path: remove the inner ones';
  const siblings = await readdir(dirname(path)).catch((): string[] => []);
  const meant = siblings.find((name) => plain(name) === plain(basename(path)));
  return meant === undefined ? undefined : `Did you mean ${join(dirname(path), meant)}?`;
}

/** Names that look alike are the same: composed and decomposed letters, upper and lower case, spaces at the ends. */
const plain = (name: string) => name.normalize('NFC').toLowerCase().trim();

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url.replace(/^file:\/*/, '/');
  }
}
