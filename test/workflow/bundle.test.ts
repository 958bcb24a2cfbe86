/** The workflow entry bundles as a user's worker would bundle it: nothing ignored, small, and with stack traces that name our sources. */

import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { expect, it } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const entry = path('../../dist/workflow/index.js');

const problems: string[] = [];
const note = (message: string) => void problems.push(message);
const quiet = () => {};
const logger = { trace: quiet, debug: quiet, info: quiet, log: quiet, warn: note, error: note };

/** The bundle's code, without its source map. */
async function bundle(workflowsPath: string): Promise<{ code: string; map: SourceMapPayload }> {
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  return split(code);
}

function split(bundled: string): { code: string; map: SourceMapPayload } {
  const [code, map] = bundled.split(/\/\/# sourceMappingURL=.*base64,/);
  if (!code || !map) throw new Error('no bundle with an inline source map');
  return { code, map: JSON.parse(Buffer.from(map, 'base64').toString()) as SourceMapPayload };
}

/** Bytes that the entry adds to the bundle of the smallest workflow that uses Temporal's API. */
const BOUND = 130_000;

it('bundles with nothing ignored, and adds little to the smallest workflow', async () => {
  const bytes = async (workflowsPath: string) => Buffer.byteLength((await bundle(workflowsPath)).code);
  const own = await bytes(entry);
  const added = own - (await bytes(path('./fixtures/sleep.ts')));
  if (process.env.SHOW_FIGURES) {
    const all = own - (await bytes(path('./fixtures/empty.ts')));
    process.stderr.write(`bundle: ${added} bytes over a workflow that sleeps, ${all} over an empty one\n`);
  }
  expect(problems).toEqual([]);
  expect(added).toBeLessThan(BOUND);
});

it.each([
  ['a user’s', () => bundle(entry)],
  ['the package’s own', () => split(readFileSync(path('../../dist/workflow-bundle.js'), 'utf8'))],
])('%s bundle has a source map, by which stack traces name the line', async (_, made) => {
  const { code, map } = await made();
  const declaration = 'async function waitUntilActive(';
  const lineOf = (text: string) => text.split('\n').findIndex((line) => line.includes(declaration));
  const source = readFileSync(path('../../src/workflow/wait.ts'), 'utf8');
  const { originalSource, originalLine } = new SourceMap(map).findEntry(lineOf(code), 0) as {
    originalSource: string;
    originalLine: number;
  };
  expect(originalSource).toMatch(/src\/workflow\/wait\.ts$/);
  expect(originalLine).toBe(lineOf(source));
});

it('is loaded once for all runs by the package’s own bundle', () => {
  const { code } = split(readFileSync(path('../../dist/workflow-bundle.js'), 'utf8'));
  expect(code).toMatch(/preloadModules\(\) \{\s*__webpack_require__\([^)]*dist\/workflow\/index\.js/);
});

it('keeps the names of its functions, which are the workflow types', async () => {
  const exported = (await import(entry)) as Record<string, unknown>;
  const functions = Object.entries(exported).filter(([, value]) => typeof value === 'function');
  expect(functions.map(([name]) => name)).toContain('uploadAndWaitActive');
  for (const [name, value] of functions) expect((value as () => void).name).toBe(name);
});
