/** Bundlers. */
import { readFile } from 'node:fs/promises';
import { expectText, README_LINE } from '../project.js';

const WORKER = `
  import { GeminiFilesPlugin, createGeminiFilesWorker } from 'temporal-gemini-files/worker';
  import { GeminiFilesClient } from 'temporal-gemini-files';
  import { GeminiFilesEmulator } from 'temporal-gemini-files/testing';
  (async () => {
    new GeminiFilesPlugin({ apiKey: 'a-key' });
    const emulator = await GeminiFilesEmulator.start();
    const answer = await fetch(emulator.url + '/v1beta/files', { headers: { 'x-goog-api-key': 'any' } });
    await emulator.close();
    const refusal = await createGeminiFilesWorker({ apiKey: 'a-key', connection: {} }).catch((error) => error);
    console.log('status', answer.status, typeof GeminiFilesClient, refusal.name, refusal.message);
  })();`;

/** An ES module has no `require`, which some packages in the bundle call: the flag that docs/installation.md has for it. */
const page = await readFile(new URL('../../../docs/installation.md', import.meta.url), 'utf8');
const [, REQUIRE] = /^--banner:js="(.*)"$/m.exec(page);

const bundle = (format) => ({
  name: `esbuild to one file, ${format === 'esm' ? 'ESM' : 'CommonJS'}`,
  fast: true,
  async run({ shared }) {
    const project = await shared();
    await project.write('src/bundled.mjs', WORKER);
    const file = `bundled.${format === 'esm' ? 'mjs' : 'cjs'}`;
    const options = [
      '--bundle',
      '--platform=node',
      `--format=${format}`,
      `--outfile=${file}`,
      '--log-level=error',
    ];
    const native = ['--external:@temporalio/*', '--external:@google/genai'];
    const banner = format === 'esm' ? [`--banner:js=${REQUIRE}`] : [];
    // esbuild's own file is a program, not a script of Node.js.
    await project.run(['node_modules/.bin/esbuild', 'src/bundled.mjs', ...options, ...native, ...banner]);
    const said = await project.nodeRun([file]);
    expectText(said, 'status 200 function MissingDependencyError', '--external:temporal-gemini-files');
    return 'client, plugin and emulator work; `createGeminiFilesWorker` says what it needs';
  },
});

/** What a bundler finds besides: the client alone, which is to be in the bundle, and all entry points, which are not. */
const CLIENT = `
  import { GeminiFilesClient } from 'temporal-gemini-files';
  console.log(typeof GeminiFilesClient);`;
const ALL = `
  import { GeminiFilesClient } from 'temporal-gemini-files';
  import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
  import { GeminiFilesEmulator } from 'temporal-gemini-files/testing';
  new GeminiFilesPlugin({ apiKey: 'a-key' });
  console.log(typeof GeminiFilesClient, typeof GeminiFilesEmulator);`;

const WEBPACK = `
  const outside = ({ request }, done) =>
    /^(temporal-gemini-files|@temporalio)/.test(request) ? done(null, 'commonjs ' + request) : done();
  const common = { mode: 'development', devtool: false, target: 'node' };
  const output = (filename) => ({ path: __dirname, filename });
  module.exports = [
    { ...common, entry: './src/client.mjs', output: output('client.cjs') },
    { ...common, entry: './src/all.mjs', output: output('all.cjs'), externals: [outside] },
  ];`;

const ROLLUP = `
  import resolve from '@rollup/plugin-node-resolve';
  import commonjs from '@rollup/plugin-commonjs';
  import json from '@rollup/plugin-json';
  const plugins = [resolve({ preferBuiltins: true }), commonjs(), json()];
  export default [
    { input: 'src/client.mjs', output: { file: 'client.mjs', inlineDynamicImports: true }, plugins },
    { input: 'src/all.mjs', output: { file: 'all.mjs' }, external: /^temporal-gemini-files/ },
  ];`;

export const bundlers = [
  bundle('cjs'),
  bundle('esm'),
  {
    name: 'webpack, target node',
    async run({ project, tarball }) {
      await project.npmInstall(tarball, ...README_LINE, 'webpack@5', 'webpack-cli@6');
      await project.write('src/client.mjs', CLIENT);
      await project.write('src/all.mjs', ALL);
      await project.write('webpack.config.cjs', WEBPACK);
      await project.nodeRun(['node_modules/webpack-cli/bin/cli.js']);
      expectText(await project.nodeRun(['client.cjs']), 'function');
      expectText(await project.nodeRun(['all.cjs']), 'function function');
      return `webpack ${await project.versionOf('webpack')}: the client in one file; the rest with \`externals\``;
    },
  },
  {
    name: 'Rollup',
    async run({ project, tarball }) {
      const plugins = ['node-resolve', 'commonjs', 'json'].map((plugin) => `@rollup/plugin-${plugin}`);
      await project.npmInstall(tarball, ...README_LINE, 'rollup@4', ...plugins);
      await project.write('src/client.mjs', CLIENT);
      await project.write('src/all.mjs', ALL);
      await project.write('rollup.config.mjs', ROLLUP);
      await project.nodeRun(['node_modules/rollup/dist/bin/rollup', '--silent', '--config']);
      expectText(await project.nodeRun(['client.mjs']), 'function');
      expectText(await project.nodeRun(['all.mjs']), 'function function');
      return `Rollup ${await project.versionOf('rollup')}: the client in one file; the rest with \`external\``;
    },
  },
];
