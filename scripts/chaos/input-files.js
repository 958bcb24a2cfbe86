/** Puts the files of the plan where a worker can read them: into a folder, or onto the https host. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chunksOf, sha256Of } from './content.js';

/**
 * @param folder - for the files on disk
 * @param host - the service of the https host; not needed if no run has a `source`
 * @returns `put(run)`, which resolves with `{from, sha256s, remove}`: what is given to the client, and the hash of each version
 */
export function createInputFiles(folder, host) {
  return async ({ index, sizeBytes, source }) => {
    const first = { index, sizeBytes };
    if (!source) {
      const path = join(folder, `${index}.bin`);
      await writeFile(path, chunksOf(first));
      return { from: path, sha256s: [sha256Of(first)], remove: () => rm(path, { force: true }) };
    }
    const path = `/${index}.bin`;
    await host.call('serve', { path, ...first, ...source });
    const versions = [first, ...(source.change ? [{ ...first, version: 2, ...source.change }] : [])];
    return {
      from: { source: `${host.url}${path}` },
      sha256s: versions.map(sha256Of),
      remove: () => Promise.resolve(),
    };
  };
}
