/** Workers in their own processes, for tests that kill them. */

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { GeminiFilesWorkerOptions } from '../../src/worker/index.js';

/** A program that runs a worker with the settings in the variable `TEST_WORKER`. */
export const workerScript = fileURLToPath(new URL('worker-process.mjs', import.meta.url));
const shiftedClock = new URL('../../scripts/chaos/shifted-clock.js', import.meta.url).href;

export interface WorkerProcessOptions extends Pick<
  GeminiFilesWorkerOptions,
  'tier' | 'limits' | 'identity' | 'shutdownGraceTime' | 'sources'
> {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly allowedRoots: readonly string[];
  /** File with certificates that the process trusts beside the system's. */
  readonly extraCaCerts?: string;
}

/**
 * Resolves once it runs; end it with `kill`.
 *
 * @param clockShiftMs - how far the worker's clock is ahead, in milliseconds
 */
export async function workerProcess(
  { extraCaCerts, ...options }: WorkerProcessOptions,
  clockShiftMs = 0,
): Promise<ChildProcess> {
  const child = fork(workerScript, {
    execArgv: ['--import', shiftedClock],
    env: {
      ...process.env,
      TEST_WORKER: JSON.stringify(options),
      CLOCK_SHIFT_MS: String(clockShiftMs),
      ...(extraCaCerts !== undefined && { NODE_EXTRA_CA_CERTS: extraCaCerts }),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the worker process ended'))),
  ]);
  return child;
}

/** `kill -9`; resolves when it is dead. */
export async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const dead = once(child, 'exit');
  child.kill('SIGKILL');
  await dead;
}
