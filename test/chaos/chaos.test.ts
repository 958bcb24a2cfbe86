/** Short runs of `npm run chaos`: processes are killed and cut off for real, and the books must balance, twice. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../scripts/chaos/main.js', import.meta.url));

interface Report {
  readonly runs: number;
  readonly completed: number;
  readonly unowned: number;
  readonly holds: number;
  readonly openHolds: number;
  /** How runs of holds ended, with their number. */
  readonly holdRuns: Readonly<Record<string, number>>;
  readonly renewals: number;
  readonly leases: number;
  readonly handedOut: number;
  readonly sources: number;
  readonly sourceFaultsMet: Readonly<Record<string, number>>;
  readonly killed: { readonly worker: number; readonly server: number };
  readonly disturbances: Readonly<Record<string, number>>;
  readonly checks: readonly {
    readonly afterSeconds: number;
    readonly unowned: number;
    readonly wrong: number;
  }[];
  readonly balanced: boolean;
}

/** Fails with what chaos prints if the books do not balance. */
async function chaos(args: Readonly<Record<string, string>>): Promise<Report> {
  const given = Object.entries(args).flatMap(([name, value]) => [`--${name}`, value]);
  const done = promisify(execFile)(process.execPath, [main, ...given], { maxBuffer: 64 * 1024 * 1024 });
  const { stdout } = await done.catch((error: Error & { stdout: string; stderr: string }) => {
    throw new Error(`chaos: ${error.stdout.slice(0, 20_000)}\n${error.stderr.slice(0, 5000)}`);
  });
  return JSON.parse(stdout) as Report;
}

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((all, count) => all + count, 0);

// What comes late is left out, and what lasts as long as a timeout: the run has to be short.
it('balances its books after uploads, sources and holds under kills', async () => {
  const report = await chaos({
    workflows: '24',
    kills: '3',
    seed: '15',
    span: '5',
    recheck: '2',
    // Holds continue as new after each few signals.
    'history-limit': '40',
    without: 'partition,slowFinalize,lateFile,slowUpload,sweep',
  });
  expect(report).toMatchObject({ unowned: 0, holds: 5, balanced: true });
  expect(report.killed.worker + report.killed.server).toBe(3);
  expect(report.sources).toBeGreaterThan(4);
  expect(sum(report.sourceFaultsMet)).toBeGreaterThan(0);
  // Three holds keep a lease to the end, and at most two of them are terminated.
  expect(report.openHolds).toBeGreaterThan(0);
  expect(report.holdRuns.continued).toBeGreaterThan(0);
});

it('leaves exactly one ACTIVE file to each completed run and to each open hold, and none to any other', async () => {
  const report = await chaos({ workflows: '30', kills: '5', seed: '11', recheck: '20' });
  expect(report).toMatchObject({ unowned: 0, holds: 6, balanced: true });
  // A workflow that is reset has one run more.
  expect(report.runs).toBeGreaterThanOrEqual(24);
  expect(report.killed.worker + report.killed.server).toBe(5);
  expect(report.disturbances).toMatchObject({ partition: 2, sweep: 2, failedSweeps: 0 });
  expect(report.checks).toMatchObject([
    { afterSeconds: 0, unowned: 0, wrong: 0 },
    { afterSeconds: 20, unowned: 0, wrong: 0 },
  ]);
  expect(report.completed).toBeGreaterThan(0);
  expect(report.openHolds).toBeGreaterThan(0);
  expect(report.renewals).toBeGreaterThan(0);
  expect(report.handedOut).toBeGreaterThan(0);
}, 240_000);
