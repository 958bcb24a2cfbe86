// Builds if the build is older than what it is made of: `npm start` is not to compile for ten seconds each time.
import { fileURLToPath } from 'node:url';
import { isStale } from './is-stale.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = ['src', 'scripts/build', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

if (isStale(root, SOURCES, 'dist/workflow-bundle.json')) {
  process.stderr.write('Building, because the sources have changed …\n');
  await import('./main.js');
}
