/** A short run of `npm run chaos`: processes are killed for real, and the books must balance. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../scripts/chaos/main.js', import.meta.url));

interface Report {
  readonly runs: number;
  readonly completed: number;
  readonly files: number;
  readonly unowned: number;
  readonly killed: { readonly worker: number; readonly server: number };
  readonly balanced: boolean;
}

it('leaves exactly one ACTIVE file to each completed run, and none to any other', async () => {
  const args = [main, '--workflows', '16', '--kills', '4', '--seed', '11'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 170_000 });
  const report = JSON.parse(stdout) as Report;
  expect(report).toMatchObject({ runs: 16, unowned: 0, balanced: true });
  expect(report.killed.worker + report.killed.server).toBe(4);
  expect(report.files).toBe(report.completed);
  expect(report.completed).toBeGreaterThan(0);
}, 180_000);
