/** Looks for the configuration file. What is found may be anybody's: it is judged when it is open, and read only then. */

import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { assertTrusted } from './config-trust.js';

export interface FoundFile {
  readonly path: string;
  readonly content: string;
}

/**
 * The first of the `names` that is there and not empty, in `folder` or in one above it, up to the user's home.
 *
 * @throws InvalidOptionsError for one that somebody else could have written, or that is no file to be read
 */
export function searchUpwards(folder: string, names: readonly string[]): FoundFile | undefined {
  for (const name of names) {
    const found = readFound(join(folder, name));
    if (found?.content.trim()) return found;
  }
  const above = dirname(folder);
  return above === folder || folder === resolve(homedir()) ? undefined : searchUpwards(above, names);
}

/** The file, if there is one. @throws as `searchUpwards` */
export function readFound(path: string): FoundFile | undefined {
  const file = opened(path);
  if (file === undefined) return undefined;
  try {
    assertTrusted(path, fstatSync(file));
    return { path, content: readFileSync(file, 'utf8') };
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number | undefined {
  try {
    // A pipe of a stranger's would be waited for, a terminal taken up; Windows has neither by name, nor the flags.
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
  } catch (error) {
    // Nothing, for this process: a working directory may lie in a folder that only another user may look into.
    if (!existsSync(path)) return undefined;
    throw error;
  }
}
