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

/** Bytes of the bundle's code, without its source map. */
async function size(workflowsPath: string): Promise<number> {
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  return Buffer.byteLength(code.replace(/^\/\/# sourceMappingURL=.*$/gm, ''));
}

it('adds less than 60 kB to a bundle, and needs nothing ignored', async () => {
  const [own, base] = [await size(entry), await size(empty)];
  if (process.env.SHOW_FIGURES) process.stderr.write(`bundle: ${own - base} bytes over ${base}\n`);
  expect(problems).toEqual([]);
  expect(own - base).toBeLessThan(60_000);
});
