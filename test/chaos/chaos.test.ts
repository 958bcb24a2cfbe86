/** A short run of `npm run chaos`: processes are killed and cut off for real, and the books must balance, twice. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { slowIt } from '../support/slow.js';

const main = fileURLToPath(new URL('../../scripts/chaos/main.js', import.meta.url));

interface Report {
  readonly runs: number;
  readonly completed: number;
  readonly unowned: number;
  readonly killed: { readonly worker: number; readonly server: number };
  readonly disturbances: Readonly<Record<string, number>>;
  readonly checks: readonly {
    readonly afterSeconds: number;
    readonly unowned: number;
    readonly wrong: number;
  }[];
  readonly balanced: boolean;
}

slowIt(
  'leaves exactly one ACTIVE file to each completed run, and none to any other',
  async () => {
    const args = [main, '--workflows', '16', '--kills', '4', '--seed', '11', '--recheck', '3'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 230_000 });
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({ unowned: 0, balanced: true });
    // A workflow that is reset has one run more.
    expect(report.runs).toBeGreaterThanOrEqual(16);
    expect(report.killed.worker + report.killed.server).toBe(4);
    expect(report.disturbances).toMatchObject({ partition: 1, sweep: 1, failedSweeps: 0 });
    expect(report.checks).toMatchObject([
      { afterSeconds: 0, unowned: 0, wrong: 0 },
      { afterSeconds: 3, unowned: 0, wrong: 0 },
    ]);
    expect(report.completed).toBeGreaterThan(0);
  },
  240_000,
);
