/** A user's project in which the optional Gemini SDK was not installed, for real: nothing of the kind is above its folder. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
let project: string;

/** Links to all that is installed here, but for `@google/genai`; the package itself is copied, so that it looks from there. */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'gemini-files-project-'));
  const modules = join(project, 'node_modules');
  await mkdir(join(modules, '@google'), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name === '@google' || name === 'temporal-gemini-files') continue;
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  const copy = join(modules, 'temporal-gemini-files');
  for (const part of ['dist', 'schemas', 'package.json', 'temporal/cli-requirements.txt'])
    await cp(join(root, part), join(copy, part), { recursive: true });
});
afterAll(() => rm(project, { recursive: true }));

const node = (code: string, env: NodeJS.ProcessEnv = process.env) =>
  promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { cwd: project, env }).then(
    ({ stdout, stderr }) => ({ stdout, stderr }),
    ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ stdout, stderr }),
  );

it('loads every entry point, and a plugin, all the same', async () => {
  const entries = ['', '/workflow', '/worker', '/gemini', '/testing', '/nexus', '/nexus/handler'];
  const imports = entries.map((entry) => `await import('temporal-gemini-files${entry}');`).join('\n');
  const { stdout, stderr } = await node(`${imports}
    const { GeminiFilesPlugin } = await import('temporal-gemini-files/worker');
    new GeminiFilesPlugin({ apiKey: 'a-key' });
    console.log('loaded');`);
  expect(stderr).toBe('');
  expect(stdout).toBe('loaded\n');
});

it('reports at its first use what is missing, and the command that installs it', async () => {
  const { stdout } = await node(`
    const { getFile } = await import('temporal-gemini-files/gemini');
    const connection = { baseUrl: new URL('http://127.0.0.1:1'), apiKey: 'key' };
    const error = await getFile(connection, 'files/a').catch((thrown) => thrown);
    console.log(error.name + ': ' + error.message);`);
  expect(stdout).toMatch(
    /^MissingDependencyError: The Gemini SDK is not installed. Install it beside this package: npm install @google\/genai /,
  );
});

it('sends nothing of an upload, since the file could be neither checked nor deleted', async () => {
  await using emulator = await GeminiFilesEmulator.start();
  const file = join(project, 'clip.mp4');
  await writeFile(file, 'words');
  const { stdout } = await node(`
    import { open } from 'node:fs/promises';
    import { FileSource, uploadFile } from 'temporal-gemini-files/gemini';
    const source = await FileSource.of(await open(${JSON.stringify(file)}), 'clip.mp4');
    const connection = { baseUrl: new URL('${emulator.url}'), apiKey: 'key' };
    const input = { source, name: 'files/a', displayName: 'a', mimeType: 'video/mp4' };
    console.log((await uploadFile(connection, input).catch((thrown) => thrown)).name);
    await source.close();`);
  expect(stdout).toBe('MissingDependencyError\n');
  expect(emulator.requests).toEqual([]);
});

it('says so in upload, with the line for npx, before anything is started', async () => {
  await writeFile(join(project, 'notes.txt'), 'words');
  const main = join(project, 'node_modules', 'temporal-gemini-files', 'dist', 'cli', 'main.js');
  const state = join(project, 'upload-state');
  const run = promisify(execFile)(process.execPath, [main, 'upload', 'notes.txt'], {
    cwd: project,
    env: { PATH: process.env.PATH, XDG_STATE_HOME: state, XDG_CONFIG_HOME: join(project, 'config') },
  });
  const { stderr } = await run.then(
    () => ({ stderr: 'it did not fail' }),
    (error: unknown) => error as { stderr: string },
  );
  expect(stderr).toMatch(/^MissingDependencyError: /);
  expect(stderr).toContain('npx -p temporal-gemini-files -p @google/genai -- temporal-gemini-files');
  expect(existsSync(state)).toBe(false);
});

it('reports it in doctor too', async () => {
  const main = join(project, 'node_modules', 'temporal-gemini-files', 'dist', 'cli', 'main.js');
  const run = promisify(execFile)(process.execPath, [main, 'doctor', '--offline', '--json'], {
    cwd: project,
    env: { ...process.env, XDG_STATE_HOME: join(project, 'state'), XDG_CONFIG_HOME: join(project, 'config') },
  });
  const { stdout } = await run.catch((error: unknown) => error as { stdout: string });
  expect(stdout).toMatch(/npm install @google\/genai/);
  expect(stdout).not.toContain('ERR_MODULE_NOT_FOUND');
});
