import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';

/**
 * An allowed root is a folder or, itself, the one file that may be read.
 *
 * @throws the file system's error if this user cannot read it
 */
export async function assertReadable(root: string): Promise<void> {
  const isFolder = (await stat(root)).isDirectory();
  await access(root, isFolder ? constants.R_OK | constants.X_OK : constants.R_OK);
}
