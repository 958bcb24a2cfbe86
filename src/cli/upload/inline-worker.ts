/** The worker that `upload` and `wait` run in their own process, for their one file. */

import type { Worker as TemporalWorker } from '@temporalio/worker';
import type { CommandContext } from '../command-context.js';
import { inlineSources } from './inline-sources.js';
import { connectNative } from '../temporal-connection.js';
import { installRuntime } from '../worker/runtime.js';

export interface InlineWorkerOptions {
  readonly taskQueue: string;
  /** The only file that the worker may read: the user named it. Undefined: none. */
  readonly path?: string;
  /** The same for a source. Those of the configuration are permitted, too. */
  readonly source?: string | undefined;
  readonly verbose: boolean;
  /** In milliseconds. */
  readonly unreachableTimeout?: number | undefined;
}

/** Loads what the worker needs, while the command waits for something else. A failure shows when the worker is created. */
export async function preloadWorker(): Promise<void> {
  await Promise.allSettled([import('@temporalio/worker'), import('../../worker/index.js')]);
}

/** Runs `work` while the worker runs. */
export async function withInlineWorker<T>(
  { temporal, gemini, interrupt, lost }: CommandContext,
  { taskQueue, path, source, verbose, unreachableTimeout }: InlineWorkerOptions,
  work: () => Promise<T>,
): Promise<T> {
  await installRuntime({ level: verbose ? 'INFO' : 'ERROR' });
  const { CombinedWorkerRunError, Worker } = await import('@temporalio/worker');
  const { createGeminiFilesActivities, packagedWorkflows, resolveSettings, taskQueueRate, workerDefaults } =
    await import('../../worker/index.js');
  const connection = await interrupt.race(connectNative(temporal));
  let worker: TemporalWorker | undefined;
  try {
    const settings = resolveSettings({
      ...gemini,
      allowedRoots: path === undefined ? [] : [path],
      ...(unreachableTimeout !== undefined && { unreachableTimeout }),
    });
    const sources = inlineSources(source, settings.sources);
    worker = await Worker.create({
      ...workerDefaults(),
      ...taskQueueRate(settings.limits),
      ...packagedWorkflows(),
      activities: createGeminiFilesActivities({ ...settings, sources }),
      // As `GeminiFilesPlugin` sets it.
      maxHeartbeatThrottleInterval: '1s',
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
