// Compiles src to dist, and makes the workflow bundle that workers load, so that none has to bundle at its start.
import { spawnSync } from 'node:child_process';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { bundleWorkflowCode } from '@temporalio/worker';
import { minify } from 'terser';

const require = createRequire(import.meta.url);
const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

await rm(path('dist'), { recursive: true, force: true });
const tsc = [require.resolve('typescript/bin/tsc'), '-p', path('tsconfig.build.json')];
if (spawnSync(process.execPath, tsc, { stdio: 'inherit' }).status !== 0) process.exit(1);
await chmod(path('dist/cli/main.js'), 0o755);

const quiet = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };
const { code } = await bundleWorkflowCode({
  workflowsPath: path('dist/workflow/index.js'),
  logger: quiet,
  webpackConfigHook: (config) => ({
    ...config,
    // No folder of this machine in module ids and source names.
    context: path('.'),
    output: { ...config.output, pathinfo: false, devtoolModuleFilenameTemplate: '[resource-path]' },
  }),
});
const manifest = JSON.parse(await readFile(require.resolve('@temporalio/worker/package.json'), 'utf8'));
await writeFile(path('dist/workflow-bundle.js'), await slim(code));
await writeFile(path('dist/workflow-bundle.json'), `${JSON.stringify({ sdkVersion: manifest.version })}\n`);

/**
 * The bundle for the package, which stays small: no comments, every name and line break as it was, and a source map of
 * lines without columns and texts. Stack traces still name file, line and function.
 */
async function slim(bundle) {
  const [text, encoded] = bundle.split('//# sourceMappingURL=data:application/json;charset=utf-8;base64,');
  const { code, map } = await minify(text, {
    compress: false,
    mangle: false,
    format: { beautify: true, indent_level: 1, comments: 'some' },
    sourceMap: { content: Buffer.from(encoded, 'base64').toString('utf8'), asObject: true },
  });
  const lines = decode(map.mappings).map((segments) =>
    segments.slice(0, 1).map((first) => first.slice(0, 4)),
  );
  const { version, sources } = map;
  const lineMap = { version, file: 'workflow-bundle.js', sources, names: [], mappings: encode(lines) };
  const inline = Buffer.from(JSON.stringify(lineMap)).toString('base64');
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`;
}
