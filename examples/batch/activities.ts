/** A workflow can't read a folder: its worker does. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export async function listFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(folder, entry.name))
    .sort();
}
