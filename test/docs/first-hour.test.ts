/** The README, docs/getting-started.md and the test of docs/testing.md as a newcomer follows them: an empty folder, the packed package, as ESM and as CommonJS. */

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { devServer, downloadedTestServer } from '../support/temporal.js';
import { codeBlocks, type CodeBlock } from './pages.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const README = codeBlocks('README.md');
const PAGE = codeBlocks('docs/getting-started.md');
const TESTING = codeBlocks('docs/testing.md');
const FILES = ['workflows.ts', 'activities.ts', 'worker.ts', 'client.ts'];
/** The port that the pages' programs connect to by default. */
const PORT = 7233;

let env: Awaited<ReturnType<typeof devServer>> | undefined;
let emulator: GeminiFilesEmulator;
let home: string;
let tarball: string;

beforeAll(async () => {
  env = await devServer(undefined, {}, PORT);
  emulator = await GeminiFilesEmulator.start({ processing: '500ms', answer: 'A cat sleeps.' });
  home = await mkdtemp(join(tmpdir(), 'gemini-files-first-hour-'));
  const packed = await promisify(execFile)('npm', ['pack', '--ignore-scripts', '--pack-destination', home], {
    cwd: root,
  });
  tarball = join(home, packed.stdout.trim().split('\n').at(-1) ?? '');
});
afterAll(async () => {
  await env?.teardown();
  await emulator.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

function block(blocks: readonly CodeBlock[], language: string, contains: string): string {
  const found = blocks.find((one) => one.language === language && one.text.includes(contains));
  if (!found) throw new Error(`No ${language} block has ${contains}`);
  return found.text;
}

/** Nothing of this repository's npm, nor a configuration of this machine. */
function settings(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|TEMPORAL_|GEMINI_|GOOGLE_|VITEST|NODE_OPTIONS$)/i;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))),
    XDG_STATE_HOME: join(home, 'state'),
    XDG_CONFIG_HOME: join(home, 'config'),
    TEMPORAL_CLI: inject('temporalCli'),
    GEMINI_API_KEY: 'any',
    GOOGLE_GEMINI_BASE_URL: emulator.url,
  };
}

async function shell(cwd: string, text: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', text], {
    cwd,
    env: { ...settings(), ...more },
  });
  return stdout;
}

/** What the reader does with the page's blocks; `edit` is what the page says of CommonJS. */
async function project(kind: 'esm' | 'cjs', edit: (file: string, text: string) => string): Promise<string> {
  const folder = join(home, kind);
  await mkdir(folder);
  const install = block(PAGE, 'sh', 'npm init')
    .replace('npm install temporal-gemini-files', `npm install ${tarball}`)
    .replace(
      'npm pkg set type=module',
      kind === 'esm' ? 'npm pkg set type=module' : 'npm pkg set type=commonjs',
    );
  await shell(folder, install);
  const inner = join(folder, 'describe');
  await mkdir(join(inner, 'src'));
  await writeFile(join(inner, 'tsconfig.json'), block(PAGE, 'json', 'compilerOptions'));
  await writeFile(join(inner, 'clip.mp4'), Buffer.alloc(1000));
  for (const name of FILES) {
    const text = README.find(({ fileName }) => fileName === name)?.text ?? '';
    await writeFile(join(inner, 'src', name), edit(name, text));
  }
  await shell(inner, 'npx tsc');
  return inner;
}

async function describeClip(folder: string): Promise<string> {
  // The page's port may be in use here; and the signal is for the worker.
  const start = block(PAGE, 'sh', 'GOOGLE_GEMINI_BASE_URL')
    .replace('http://127.0.0.1:8080', emulator.url)
    .replace(' node ', ' exec node ');
  const worker = spawn('bash', ['-c', start], {
    cwd: folder,
    env: settings(),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    return await shell(folder, block(PAGE, 'sh', 'dist/client.js'));
  } finally {
    await stop(worker);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'close');
}

/** The body of a program in a `main` function, below its imports. */
function inMain(text: string): string {
  const lines = text.split('\n');
  const imports = lines.filter((line) => line.startsWith('import '));
  const body = lines.filter((line) => !line.startsWith('import '));
  return [...imports, 'async function main(): Promise<void> {', ...body, '}', 'void main();'].join('\n');
}

describe('the first hour', () => {
  it('as ESM', { timeout: 240_000 }, async () => {
    const folder = await project('esm', (_file, text) => text);
    expect(await describeClip(folder)).toBe('A cat sleeps.\n');
    expect(emulator.files.size).toBe(0);
    const uploaded = await shell(folder, block(README, 'sh', 'upload clip.mp4').split('\n')[1] ?? '');
    expect(uploaded).toContain('ACTIVE');
  });

  it('as CommonJS', { timeout: 240_000 }, async () => {
    const worker = block(PAGE, 'ts', 'require.resolve');
    const edit = (file: string, text: string) =>
      file === 'worker.ts' ? worker : file === 'client.ts' ? inMain(text) : text;
    expect(await describeClip(await project('cjs', edit))).toBe('A cat sleeps.\n');
  });

  it('as a test', { timeout: 240_000 }, async () => {
    const folder = join(home, 'test');
    await mkdir(folder);
    for (const { fileName, text } of TESTING) if (fileName) await writeFile(join(folder, fileName), text);
    const install = block(TESTING, 'sh', 'npm install').replace(' temporal-gemini-files', ` ${tarball}`);
    const TMPDIR = await downloadedTestServer(home);
    expect(await shell(folder, `npm init -y\n${install}`, { TMPDIR })).toMatch(/^# pass 1$/m);
  });
});
