/** The worker that an `upload` brings along, for its one file. */

import { CombinedWorkerRunError, type Worker } from '@temporalio/worker';
import { createGeminiFilesWorker, type GeminiFilesOptions } from '../../worker/index.js';
import type { Interrupt } from '../terminal/interrupt.js';
import { installRuntime } from '../worker/runtime.js';
import type { Session } from '../command-context.js';
import { connectNative } from '../temporal-connection.js';

export interface OwnWorkerOptions {
  readonly session: Session;
  readonly settings: GeminiFilesOptions;
  readonly taskQueue: string;
  /** The user named this one file; the worker may read no other. */
  readonly path: string;
  readonly flags: { readonly verbose?: boolean };
  readonly interrupt: Interrupt;
}

/** Runs `work` while the worker runs. */
export async function withOwnWorker(
  { session, settings, taskQueue, path, flags, interrupt }: OwnWorkerOptions,
  work: () => Promise<number>,
): Promise<number> {
  installRuntime({ level: flags.verbose ? 'INFO' : 'ERROR' });
  const connection = await interrupt.orBefore(connectNative(session.target));
  let worker: Worker | undefined;
  try {
    worker = await createGeminiFilesWorker({
      ...settings,
      allowedRoots: [path],
      connection,
      namespace: session.target.namespace,
      taskQueue,
      shutdownGraceTime: '2s',
    });
    // A worker whose server is gone may take long to notice: it is left behind.
    return await Promise.race([worker.runUntil(work), session.lost]);
  } catch (error) {
    throw error instanceof CombinedWorkerRunError ? error.cause.innerError : error;
  } finally {
    if (!worker || worker.getState() === 'STOPPED') await connection.close();
  }
}
