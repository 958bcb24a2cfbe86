/** Whether a build is older than what it is made of. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root
 * @param {readonly string[]} sources - files and folders below `root`
 * @param {string} last - the last file that a build writes, below `root`
 */
export function isStale(root, sources, last) {
  const built = statSync(join(root, last), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return sources.some((source) => changed(join(root, source)) > built);
}

/** The latest change of the file, or of the folder and what is in it. A folder changes when a file in it is removed. */
function changed(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => changed(join(path, name))));
}
