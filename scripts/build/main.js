// Compiles src to dist: the modules, the workflow entry as one small file, and the workflow bundle that workers load.
import { spawnSync } from 'node:child_process';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from './workflow-bundle.js';
import { shake, squeeze } from './workflow-entry.js';

const require = createRequire(import.meta.url);
const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

await rm(path('dist'), { recursive: true, force: true });
const tsc = [require.resolve('typescript/bin/tsc'), '-p', path('tsconfig.build.json')];
if (spawnSync(process.execPath, tsc, { stdio: 'inherit' }).status !== 0) process.exit(1);
await chmod(path('dist/cli/main.js'), 0o755);

// Of the workflows, all but the types becomes one file.
for (const name of await readdir(path('dist/workflow')))
  if (name.endsWith('.js')) await rm(path(`dist/workflow/${name}`));
const entry = path('dist/workflow/index.js');
const readable = await shake(path('src/workflow/index.ts'));

// Our own workers load a bundle whose stack traces read well.
await writeEntry(readable);
await writeFile(path('dist/workflow-bundle.js'), await bundleWorkflows(entry, path('.')));
const manifest = JSON.parse(await readFile(require.resolve('@temporalio/worker/package.json'), 'utf8'));
await writeFile(path('dist/workflow-bundle.json'), `${JSON.stringify({ sdkVersion: manifest.version })}\n`);

await writeEntry(await squeeze(readable));

async function writeEntry({ code, map }) {
  await writeFile(entry, `${code}\n//# sourceMappingURL=index.js.map\n`);
  await writeFile(`${entry}.map`, map);
}
