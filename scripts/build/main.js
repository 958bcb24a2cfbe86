// Compiles src to dist: the modules, the workflow entry as one file, and the workflow bundle that workers load.
import { spawnSync } from 'node:child_process';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from './workflow-bundle.js';
import { removeComments } from './without-comments.js';
import { writeWorkflowEntry } from './workflow-entry.js';

const require = createRequire(import.meta.url);
const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

await rm(path('dist'), { recursive: true, force: true });
const tsc = [require.resolve('typescript/bin/tsc'), '-p', path('tsconfig.build.json')];
if (spawnSync(process.execPath, tsc, { stdio: 'inherit' }).status !== 0) process.exit(1);
await chmod(path('dist/cli/main.js'), 0o755);

// Of the compiled workflows, only the types are needed.
for (const name of await readdir(path('dist/workflow')))
  if (name.endsWith('.js')) await rm(path(`dist/workflow/${name}`));
await removeComments(path('dist'));
const entry = path('dist/workflow/index.js');
await writeWorkflowEntry(path('src/workflow/index.ts'), entry);

await writeFile(path('dist/workflow-bundle.js'), await bundleWorkflows(entry, path('.')));
const manifest = JSON.parse(await readFile(require.resolve('@temporalio/worker/package.json'), 'utf8'));
await writeFile(path('dist/workflow-bundle.json'), `${JSON.stringify({ sdkVersion: manifest.version })}\n`);
