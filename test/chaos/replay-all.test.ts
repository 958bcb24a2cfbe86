/** What `npm run chaos` and `npm run topology` share leaves Temporal's `Runtime`, which a process has once, to each of them. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

it('installs no runtime when it is loaded', async () => {
  const program = `
    import { Runtime } from '@temporalio/worker';
    import { replayAll } from './scripts/replay-all.js';
    Runtime.install({});
    console.log(typeof replayAll);`;
  const args = ['--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(stdout).toBe('function\n');
});
