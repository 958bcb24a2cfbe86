/** Test runners of users. */
import { readFile } from 'node:fs/promises';
import { expectText, locked, README_LINE } from '../project.js';
import { TYPES } from './types.js';

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

/** The test that docs/installation.md has for Jest. */
const page = await readFile(new URL('../../../docs/installation.md', import.meta.url), 'utf8');
const [, DOCUMENTED = ''] = /^```js\n(test\(.*?)^```$/ms.exec(page) ?? [];

const jest = (version, esm) => ({
  name: `Jest ${version}, ${esm ? 'ESM' : 'CommonJS'}`,
  async run({ newProject, tarball }) {
    const project = await newProject(esm ? { type: 'module' } : {});
    await project.npmInstall(tarball, ...README_LINE, `jest@${version}`);
    await project.write(
      'files.test.js',
      `${TEST}\n${DOCUMENTED.replace('the emulator', 'the emulator of the page')}`,
    );
    await project.nodeRun(['--experimental-vm-modules', 'node_modules/jest/bin/jest.js']);
    return '`--experimental-vm-modules`';
  },
});

export const testRunners = [
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
    name: 'Jest with @swc/jest',
    async run({ project, tarball }) {
      await project.npmInstall(tarball, ...README_LINE, 'jest@29', '@swc/jest@0.2');
      await project.write('files.test.ts', TEST);
      await project.write(
        'jest.config.js',
        `module.exports = { transform: {
          '^.+\\\\.(t|j)s$': ['@swc/jest', { module: { type: 'commonjs', ignoreDynamic: true } }],
        } };`,
      );
      await project.nodeRun(['--experimental-vm-modules', 'node_modules/jest/bin/jest.js']);
      return '`ignoreDynamic: true`, `--experimental-vm-modules`';
    },
  },
  {
    name: "Node's test runner and Mocha, CommonJS",
    async run({ project, tarball }) {
      await project.npmInstall(tarball, ...README_LINE, 'mocha@11');
      const required = TEST.replaceAll(/await import\(/g, 'require(')
        .replace(
          'expect(emulator.url).toMatch(/^http/);',
          "require('node:assert').match(emulator.url, /^http/);",
        )
        .replace(/ *expect\(typeof.*\n/, '');
      await project.write('node.test.cjs', `const { test } = require('node:test');\n${required}`);
      expectText(await project.nodeRun(['--test', '--test-reporter=tap', 'node.test.cjs']), '# pass 1');
      await project.write('mocha.cjs', `const test = it;\n${required}`);
      expectText(await project.nodeRun(['node_modules/mocha/bin/mocha.js', 'mocha.cjs']), '1 passing');
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
