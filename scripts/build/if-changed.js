// Builds if the build is older than what it is made of: `npm start` is not to compile for ten seconds each time.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = ['src', 'scripts/build', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
// The last file that a build writes.
const LAST = 'dist/workflow-bundle.json';

/** The latest change of the file, or of the folder and what is in it. A folder changes when a file in it is removed. */
function changed(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => changed(join(path, name))));
}

const built = statSync(join(root, LAST), { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (SOURCES.some((source) => changed(join(root, source)) > built)) {
  process.stderr.write('Building, because the sources have changed …\n');
  await import('./main.js');
}
