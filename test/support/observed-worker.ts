/** A `worker --metrics` process that has done one of each: a success, a failure with its clean-up, an error of the provider. */

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { GeminiFilesClient } from '../../src/client/index.js';
import { faults, GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome, type CliProcess } from './cli.js';
import { QUICK } from './scenario.js';
import { scrape, type Scrape } from './scrape.js';

export const OBSERVED_KEY = 'AIza-key-that-nobody-may-see';

export interface ObservedWorker extends AsyncDisposable {
  readonly process: CliProcess;
  /** Of `/metrics`. */
  readonly url: string;
  readonly ready: Readonly<Record<string, unknown>>;
  readonly emulator: GeminiFilesEmulator;
  /** Workflow ids: what became ACTIVE, and what FAILED. */
  readonly runs: { readonly active: string; readonly failed: string };
  scrape(): Promise<Scrape>;
}

export async function observedWorker(
  env: TestWorkflowEnvironment,
  taskQueue: string,
  flags: readonly string[] = [],
): Promise<ObservedWorker> {
  const emulator = await GeminiFilesEmulator.start({
    outcome: 'NEVER',
    faults: [faults.unavailable('finalize')],
  });
  const home = await cliHome({
    TEMPORAL_ADDRESS: env.address,
    GEMINI_API_KEY: OBSERVED_KEY,
    GOOGLE_GEMINI_BASE_URL: emulator.url,
  });
  await home.file('good.mp4', 'a'.repeat(1000));
  await home.file('bad.mp4', 'b'.repeat(1000));
  const process = home.start([
    'worker',
    '--task-queue',
    taskQueue,
    '--metrics',
    '127.0.0.1:0',
    '--json',
    ...flags,
  ]);
  const [line] = await process.stdout(/^\{.*\}$/m);
  const ready = JSON.parse(line) as Record<string, unknown>;
  const url = String(ready.metrics);

  const client = new GeminiFilesClient(env.client, { taskQueue });
  const active = await client.start('good.mp4', { ...QUICK, timeout: '1m' });
  const seen = (count: number) =>
    emulator.waitFor(
      (all) => all.filter(({ operation, status }) => operation === 'upload' && status === 200)[count - 1],
    );
  await seen(1);
  // A check that says PROCESSING first.
  await emulator.waitFor((all) => all.find(({ operation, status }) => operation === 'get' && status === 200));
  emulator.activate([...emulator.files.keys()][0] ?? '');
  await active.result();
  const failed = await client.start('bad.mp4', { ...QUICK, timeout: '1m' });
  await seen(2);
  emulator.fail([...emulator.files.keys()].at(-1) ?? '', { code: 13, message: 'Unsupported codec.' });
  await failed.result().catch(() => undefined);
  return {
    process,
    url,
    ready,
    emulator,
    runs: { active: active.workflowId, failed: failed.workflowId },
    scrape: () => scrape(url),
    [Symbol.asyncDispose]: async () => {
      await home[Symbol.asyncDispose]();
      await emulator.close();
    },
  };
}
