/** The workflow entry bundles as a user's worker would bundle it: nothing ignored, and small. */

import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { expect, it } from 'vitest';

const entry = fileURLToPath(new URL('../../dist/workflow/index.js', import.meta.url));
const empty = fileURLToPath(new URL('./fixtures/empty.ts', import.meta.url));

const problems: string[] = [];
const note = (message: string) => void problems.push(message);
const quiet = () => {};
const logger = { trace: quiet, debug: quiet, info: quiet, log: quiet, warn: note, error: note };

/** Bytes of the bundle's code, without its source map, and the files that its source map knows. */
async function bundle(workflowsPath: string): Promise<{ bytes: number; sources: string[] }> {
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  const [text, map] = code.split(/\/\/# sourceMappingURL=.*base64,/);
  if (!text || !map) throw new Error('no bundle with an inline source map');
  const { sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] };
  return { bytes: Buffer.byteLength(text), sources };
}

/** Over half of it is Temporal's own `@temporalio/workflow`, which an empty workflow does without. */
const BOUND = 60_000;

it('bundles with nothing ignored, and adds little to an empty workflow', async () => {
  const [own, base] = [await bundle(entry), await bundle(empty)];
  if (process.env.SHOW_FIGURES)
    process.stderr.write(`bundle: ${own.bytes - base.bytes} bytes over ${base.bytes}\n`);
  expect(problems).toEqual([]);
  expect(own.bytes - base.bytes).toBeLessThan(BOUND);
});

it('keeps its source map, so that stack traces name the line', async () => {
  const { sources } = await bundle(entry);
  expect(sources.filter((source) => /src\/workflow\/wait\.ts$/.test(source))).toHaveLength(1);
});

it('keeps the names of its functions, which are the workflow types', async () => {
  const exported = (await import(entry)) as Record<string, unknown>;
  const functions = Object.entries(exported).filter(([, value]) => typeof value === 'function');
  expect(functions.map(([name]) => name)).toContain('uploadAndWaitActive');
  for (const [name, value] of functions) expect((value as () => void).name).toBe(name);
});
