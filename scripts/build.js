// Compiles src to dist, and makes the workflow bundle that workers load, so that none has to bundle at its start.
import { spawnSync } from 'node:child_process';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const require = createRequire(import.meta.url);
const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

await rm(path('dist'), { recursive: true, force: true });
const tsc = [require.resolve('typescript/bin/tsc'), '-p', path('tsconfig.build.json')];
if (spawnSync(process.execPath, tsc, { stdio: 'inherit' }).status !== 0) process.exit(1);
await chmod(path('dist/cli/main.js'), 0o755);

const quiet = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };
const { code } = await bundleWorkflowCode({ workflowsPath: path('dist/workflow/index.js'), logger: quiet });
const manifest = JSON.parse(await readFile(require.resolve('@temporalio/worker/package.json'), 'utf8'));
await writeFile(path('dist/workflow-bundle.js'), withoutSources(code));
await writeFile(path('dist/workflow-bundle.json'), `${JSON.stringify({ sdkVersion: manifest.version })}\n`);

/** The inline source map without the sources' text: stack traces need the positions, and the package stays small. */
function withoutSources(bundle) {
  const [text, encoded] = bundle.split(
    /(?<=\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,)/,
  );
  const map = JSON.parse(Buffer.from(encoded.trim(), 'base64').toString('utf8'));
  delete map.sourcesContent;
  return `${text}${Buffer.from(JSON.stringify(map)).toString('base64')}\n`;
}
