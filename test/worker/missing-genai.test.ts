/** A worker whose machine has no @google/genai. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { importingNoGenai } from '../support/no-genai.js';

const dist = (path: string) => new URL(`../../dist/${path}`, import.meta.url).href;

async function run(code: string): Promise<string> {
  const args = ['--import', importingNoGenai, '--input-type=module', '-e', code];
  return (await promisify(execFile)(process.execPath, args)).stdout;
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
