/** The entry point `.` is for any program: it loads no native module and no module of the worker. */

import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

const SCRIPT = `
const { GeminiFilesClient, UploadInactiveError } = await import('temporal-gemini-files');
const { default: Module } = await import('node:module');
const native = process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node'));
const modules = Object.keys(Module._cache).filter((path) => /@temporalio.(worker|core-bridge|activity)|@google.genai/.test(path));
console.log(JSON.stringify({ native, modules, found: [typeof GeminiFilesClient, typeof UploadInactiveError] }));
`;

it('loads no native module', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
  });
  expect(JSON.parse(output)).toEqual({ native: [], modules: [], found: ['function', 'function'] });
});
