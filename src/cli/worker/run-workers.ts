/** Runs the Temporal workers of one process together. */

import type { Worker } from '@temporalio/worker';

/** The part of a worker that is needed here. */
export type Runnable = Pick<Worker, 'getState' | 'run' | 'shutdown'>;

/**
 * Runs the workers until `stop` resolves or one of them fails: then each drains. A connection can be closed when all have ended, and not before.
 *
 * @throws what the first that failed has failed with
 */
export async function runWorkers(workers: readonly Runnable[], stop: Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  const shutDown = () => {
    // One that drains or has ended refuses to be shut down.
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map(async (worker) => {
    try {
      await worker.run();
    } catch (error) {
      failures.push(error);
      shutDown();
    }
  });
  void stop.then(shutDown);
  await Promise.all(runs);
  if (failures.length > 0) throw failures[0];
}

/** Closes the connection of `work` after it. If that fails too, because a worker was created and has not run, the reason is still that of `work`. */
export async function withClosing<T>(
  connection: { readonly close: () => Promise<void> },
  work: () => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw error;
  }
  await connection.close();
  return result;
}
