/** A worker whose machine has no @google/genai. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const dist = (path: string) => new URL(`../../dist/${path}`, import.meta.url).href;

/** As where the optional peer was not installed: it can't be resolved, from anywhere. */
const hooks = `
  export async function resolve(specifier, context, next) {
    if (specifier !== '@google/genai') return next(specifier, context);
    throw Object.assign(new Error("Cannot find package '@google/genai'"), { code: 'ERR_MODULE_NOT_FOUND' });
  }`;
const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

async function run(code: string): Promise<string> {
  const register = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))});`;
  const args = ['--import', dataUrl(register), '--input-type=module', '-e', code];
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
