/**
 * Faults of code, as Temporal tells them from failures: an error that is not a `TemporalFailure` fails the workflow task,
 * which is repeated until the code is right. Nothing has failed by then, so nothing may have been cleaned up.
 */

import { CancellationScope, condition, ContinueAsNew, patched, TemporalFailure } from '@temporalio/workflow';
import { isConfiguredFailure } from './sdk-internals.js';

/** Whether Temporal would neither end the workflow with `error` nor continue it as new. */
export function isFault(error: unknown): boolean {
  if (error instanceof TemporalFailure || error instanceof ContinueAsNew) return false;
  // An SDK that does not say has nothing to configure.
  return !isConfiguredFailure(error);
}

/**
 * Fails the workflow task with a fault, here and now: outside this function, a `catch` could swallow it, and the file would not be deleted.
 * Returns only in the replay of a run of 0.1.0, which let a fault through.
 */
export async function failTask(fault: unknown): Promise<void> {
  if (!patched('fault-fails-task')) return;
  let waiting = false;
  await CancellationScope.nonCancellable(() =>
    condition(() => {
      // The first look is still in this function, whose errors can be caught; what a later one throws, the SDK alone gets.
      if (waiting) throw fault;
      waiting = true;
      return false;
    }),
  );
}
