/** What a command loads: nothing that its machine may lack. */

import { execFile } from 'node:child_process';
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeProblem } from '../../src/cli/node-version.js';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'gemini-files-load-'))));
afterAll(() => rm(folder, { recursive: true }));

async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; text: string }> {
  const options = {
    env: { PATH: process.env.PATH, XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder, ...env },
  };
  return promisify(execFile)(process.execPath, args, options).then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      text: error.stdout + error.stderr,
    }),
  );
}

describe("without the SDK's native module", () => {
  const hidden = () => join(folder, 'hide-core.cjs');
  beforeAll(() =>
    writeFile(
      hidden(),
      `const { Module } = require('node:module');
       const load = Module._load;
       Module._load = (name, ...rest) => {
         if (name.startsWith('@temporalio/core-bridge')) throw new Error('no native module: ' + name);
         return load(name, ...rest);
       };`,
    ),
  );

  it.each([
    ['--version'],
    ['--help'],
    ['upload', '--help'],
    ['worker', '--help'],
    ['replay', '--help'],
    ['emulator', '--help'],
    ['sweep', '--help'],
  ])('%s %s works', async (...args) => {
    const { code, text } = await run(['--require', hidden(), path('dist/cli/main.js'), ...args]);
    expect(text).not.toContain('no native module');
    expect(code).toBe(0);
  });

  it.each([
    [['upload', 'package.json']],
    [['wait', 'files/abc']],
    [['worker', '--address', '127.0.0.1:1']],
    [['replay', 'test/histories/0.2.0']],
  ])('%s says what is missing, and starts nothing', async (args) => {
    const state = join(folder, 'unused');
    const { code, text } = await run(['--require', hidden(), path('dist/cli/main.js'), ...args], {
      XDG_STATE_HOME: state,
      GEMINI_API_KEY: 'a-key-of-nobody-in-particular-0123456789',
    });
    expect(text).toContain("Temporal's native module can't be loaded on ");
    expect(text).toContain('npm ci');
    expect(existsSync(state)).toBe(false);
    expect(code).toBe(1);
  });

  it('doctor says so, and goes on', async () => {
    const { code, text } = await run([
      ...['--require', hidden(), path('dist/cli/main.js'), 'doctor', '--offline'],
    ]);
    expect(text).toMatch(/FAIL {2}native module {2}Temporal's native module can't be loaded on /);
    expect(text).toMatch(/ok {4}gemini sdk/);
    expect(code).toBe(1);
  });

  it('the check itself notices a module that loads it', async () => {
    const { text } = await run(['--require', hidden(), '-e', "require('@temporalio/worker')"], {
      NODE_PATH: path('node_modules'),
    });
    expect(text).toContain('no native module');
  });
});

describe('an older Node.js', () => {
  it.each([
    ['18.20.8', 'temporal-gemini-files needs Node.js 20.19.0 or later; this is Node.js 18.20.8.'],
    ['20.18.3', 'temporal-gemini-files needs Node.js 20.19.0 or later; this is Node.js 20.18.3.'],
    ['20.19.0', undefined],
    ['22.0.0', undefined],
    ['24.1.0-nightly', undefined],
  ])('%s: %s', (version, problem) => {
    expect(nodeProblem(version)).toBe(problem);
  });

  it('gets one sentence from a command', async () => {
    const old = join(folder, 'old-node.cjs');
    await writeFile(
      old,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } });`,
    );
    const { code, text } = await run(['--require', old, path('dist/cli/main.js'), 'upload', 'clip.mp4']);
    expect(text).toBe('temporal-gemini-files needs Node.js 20.19.0 or later; this is Node.js 18.20.8.\n');
    expect(code).toBe(1);
  });
});

describe('a program that esbuild has bundled to one file', () => {
  it.each(['cjs', 'esm'] as const)(
    'loads as %s, and says what to do where a file is missing',
    async (format) => {
      const outfile = join(folder, `worker.${format === 'esm' ? 'mjs' : 'cjs'}`);
      await build({
        stdin: {
          contents: `
          import { GeminiFilesPlugin, createGeminiFilesWorker } from './dist/worker/index.js';
          import { GeminiFilesClient } from './dist/client/index.js';
          import { GeminiFilesEmulator } from './dist/testing/index.js';
          new GeminiFilesPlugin({ apiKey: 'a-key' });
          createGeminiFilesWorker({ apiKey: 'a-key' }).catch((error) =>
            console.log(typeof GeminiFilesClient, typeof GeminiFilesEmulator, error.name, error.message));`,
          resolveDir: path(''),
        },
        bundle: true,
        platform: 'node',
        format,
        outfile,
        external: ['@temporalio/*', '@google/genai'],
        logLevel: 'silent',
        ...(format === 'esm' && {
          banner: {
            js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
          },
        }),
      });
      const inProject = join(path('.cache'), `bundled-worker.${format === 'esm' ? 'mjs' : 'cjs'}`);
      const { copyFile, mkdir } = await import('node:fs/promises');
      await mkdir(path('.cache'), { recursive: true });
      await copyFile(outfile, inProject);
      const { code, text } = await run([inProject]);
      expect(text).toMatch(/^function function MissingDependencyError .*--external:temporal-gemini-files/);
      expect(code).toBe(0);
    },
  );
});
