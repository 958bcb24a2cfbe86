/** Tools between a user's code and Node.js: bundlers, loaders, test runners. */
import { expectText, locked, README_LINE } from '../project.js';
import { TYPES } from './types.js';

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

const TEST = `
  async function load() {
    const { GeminiFilesEmulator } = await import('temporal-gemini-files/testing');
    const { GeminiFilesClient } = await import('temporal-gemini-files');
    return { GeminiFilesEmulator, GeminiFilesClient };
  }
  test('the emulator starts', async () => {
    const { GeminiFilesEmulator, GeminiFilesClient } = await load();
    const emulator = await GeminiFilesEmulator.start();
    expect(emulator.url).toMatch(/^http/);
    expect(typeof GeminiFilesClient).toBe('function');
    await emulator.close();
  });`;

/** An ES module has no \`require\`, which some packages in the bundle call. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

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

const jest = (version, esm) => ({
  name: `Jest ${version}, ${esm ? 'ESM' : 'CommonJS'}`,
  async run({ newProject, tarball }) {
    const project = await newProject(esm ? { type: 'module' } : {});
    await project.npmInstall(tarball, ...README_LINE, `jest@${version}`);
    await project.write('files.test.js', TEST);
    await project.nodeRun(['--experimental-vm-modules', 'node_modules/jest/bin/jest.js']);
    return '`--experimental-vm-modules`';
  },
});

export const tools = [
  bundle('cjs'),
  bundle('esm'),
  jest(29, false),
  jest(30, false),
  jest(30, true),
  {
    name: 'ts-jest',
    async run({ project, tarball }) {
      await project.npmInstall(
        tarball,
        ...README_LINE,
        'jest@29',
        'ts-jest@29',
        '@types/jest@29',
        locked('typescript'),
        ...TYPES,
      );
      await project.write('files.test.ts', TEST);
      await project.write('jest.config.js', "module.exports = { preset: 'ts-jest' };");
      await project.write(
        'tsconfig.json',
        JSON.stringify({
          compilerOptions: {
            module: 'nodenext',
            isolatedModules: true,
            target: 'es2022',
            strict: true,
            skipLibCheck: true,
          },
        }),
      );
      await project.nodeRun(['--experimental-vm-modules', 'node_modules/jest/bin/jest.js']);
      return '`module: nodenext`, `isolatedModules: true`, `--experimental-vm-modules`';
    },
  },
  {
    name: 'ts-node, CommonJS',
    async run({ project, tarball }) {
      await project.npmInstall(tarball, ...README_LINE, 'ts-node@10', locked('typescript'), ...TYPES);
      await project.write(
        'tsconfig.json',
        JSON.stringify({
          compilerOptions: { module: 'nodenext', target: 'es2022', strict: true, skipLibCheck: true },
        }),
      );
      await project.write('main.ts', TS_PROGRAM);
      expectText(await project.bin('ts-node', ['main.ts']), 'emulator http');
    },
  },
  {
    name: 'tsx',
    async run({ project, tarball }) {
      await project.npmInstall(tarball, ...README_LINE, 'tsx@4');
      await project.write('main.ts', TS_PROGRAM);
      expectText(await project.bin('tsx', ['main.ts']), 'emulator http');
    },
  },
  {
    name: 'Vitest',
    async run({ newProject, tarball }) {
      const project = await newProject({ type: 'module' });
      await project.npmInstall(tarball, ...README_LINE, locked('vitest'));
      await project.write('files.test.js', `import { expect, test } from 'vitest';\n${TEST}`);
      await project.nodeRun(['node_modules/vitest/vitest.mjs', 'run']);
    },
  },
];

const TS_PROGRAM = `
  import { GeminiFilesClient } from 'temporal-gemini-files';
  import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
  import { GeminiFilesEmulator } from 'temporal-gemini-files/testing';

  async function main(): Promise<void> {
    new GeminiFilesPlugin({ apiKey: 'a-key' });
    const emulator = await GeminiFilesEmulator.start();
    console.log('emulator', emulator.url, typeof GeminiFilesClient);
    await emulator.close();
  }
  void main();`;
