/** The preload of `npm run chaos` that makes a worker's clock wrong. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const preload = fileURLToPath(new URL('../../scripts/chaos/shifted-clock.js', import.meta.url));
const HOUR = 3_600_000;

const PROGRAM = `
  import { Worker } from 'node:worker_threads';
  const facts = {
    now: Date.now(),
    date: new Date().getTime(),
    text: Date.parse(Date()),
    given: new Date(5).getTime(),
    instance: new Date() instanceof Date && new Date().constructor === Date,
    monotonic: performance.now(),
  };
  const thread = new Worker('import("node:worker_threads").then(({ parentPort }) => parentPort.postMessage(Date.now()))', { eval: true });
  thread.once('message', (inThread) => console.log(JSON.stringify({ ...facts, inThread })));
`;

it.each([-5 * HOUR, -3000, 0, 5 * HOUR])(
  'shifts the wall clock by %i ms, in threads too',
  async (shiftMs) => {
    const args = ['--import', preload, '--input-type=module', '--eval', PROGRAM];
    const before = Date.now();
    const env = { ...process.env, CLOCK_SHIFT_MS: String(shiftMs) };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    const after = Date.now();
    const facts = JSON.parse(stdout) as Record<string, number>;
    for (const clock of ['now', 'date', 'inThread']) {
      expect(facts[clock]).toBeGreaterThanOrEqual(before + shiftMs);
      expect(facts[clock]).toBeLessThanOrEqual(after + shiftMs);
    }
    // Whole seconds only.
    expect(facts.text).toBeGreaterThan(before + shiftMs - 1000);
    expect(facts.text).toBeLessThanOrEqual(after + shiftMs);
    expect(facts).toMatchObject({ given: 5, instance: true });
    expect(facts.monotonic).toBeLessThan(60_000);
  },
);
