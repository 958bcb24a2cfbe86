/** The worker that `upload` and `wait` run in their own process, for their one file. */

import { CombinedWorkerRunError, type Worker } from '@temporalio/worker';
import { createGeminiFilesWorker } from '../../worker/index.js';
import type { CommandContext } from '../command-context.js';
import { connectNative } from '../temporal-connection.js';
import { installRuntime } from '../worker/runtime.js';

export interface InlineWorkerOptions {
  readonly taskQueue: string;
  /** The only file that the worker may read: the user named it. Undefined: none. */
  readonly path?: string;
  readonly verbose: boolean;
}

/** Runs `work` while the worker runs. */
export async function withInlineWorker<T>(
  { temporal, gemini, interrupt, lost }: CommandContext,
  { taskQueue, path, verbose }: InlineWorkerOptions,
  work: () => Promise<T>,
): Promise<T> {
  installRuntime({ level: verbose ? 'INFO' : 'ERROR' });
  const connection = await interrupt.race(connectNative(temporal));
  let worker: Worker | undefined;
  try {
    worker = await createGeminiFilesWorker({
      ...gemini,
      allowedRoots: path === undefined ? [] : [path],
      connection,
      namespace: temporal.namespace,
      taskQueue,
      shutdownGraceTime: '2s',
    });
    // A worker whose server is gone may take long to notice it: do not wait for it.
    return await Promise.race([worker.runUntil(work), lost]);
  } catch (error) {
    throw error instanceof CombinedWorkerRunError ? error.cause.innerError : error;
  } finally {
    if (!worker || worker.getState() === 'STOPPED') await connection.close();
  }
}
