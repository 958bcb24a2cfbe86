/** A worker whose machine has no @google/genai. */

import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { importingNoGenai } from '../support/no-genai.js';

const dist = (path: string) => new URL(`../../dist/${path}`, import.meta.url).href;

const exec = (args: readonly string[], env: NodeJS.ProcessEnv = process.env) =>
  promisify(execFile)(process.execPath, ['--import', importingNoGenai, ...args], { env });

async function run(code: string): Promise<string> {
  return (await exec(['--input-type=module', '-e', code])).stdout;
}

it('loads ./worker all the same, and names the package and the command at its use', async () => {
  const stdout = await run(`
    await import(${JSON.stringify(dist('worker/index.js'))});
    const { getFile } = await import(${JSON.stringify(dist('gemini/index.js'))});
    const connection = { baseUrl: new URL('http://127.0.0.1:1'), apiKey: 'key' };
    const error = await getFile(connection, 'files/a').catch((thrown) => thrown);
    console.log(JSON.stringify({ name: error.name, message: error.message }));`);
  expect(JSON.parse(stdout)).toEqual({
    name: 'MissingDependencyError',
    message: expect.stringContaining('npm install @google/genai') as string,
  });
});

it('does not start by the command line: its uploads would fail for good', async () => {
  const main = fileURLToPath(dist('cli/main.js'));
  const failed = await exec([main, 'worker', '--allow-root', tmpdir()], {
    ...process.env,
    GEMINI_API_KEY: 'key',
    // Nothing answers there, so the missing package is found first.
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  }).catch((error: unknown) => error);
  expect(failed).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('npm install @google/genai') as string,
  });
});

it('is warned of at the start of a worker with the plugin', async () => {
  const stdout = await run(`
    import { once } from 'node:events';
    const { GeminiFilesPlugin } = await import(${JSON.stringify(dist('worker/index.js'))});
    const warned = once(process, 'warning');
    new GeminiFilesPlugin({ apiKey: 'key', allowedRoots: ['/'] }).configureWorker({ taskQueue: 'files' });
    const [{ name, message }] = await warned;
    console.log(JSON.stringify({ name, message }));`);
  expect(JSON.parse(stdout)).toEqual({
    name: 'GeminiFilesWarning',
    message: expect.stringMatching(/^No file can be uploaded\. .*npm install @google\/genai/) as string,
  });
});
