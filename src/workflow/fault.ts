/**
 * Programming errors, as Temporal distinguishes them from failures: an error that is not a `TemporalFailure` fails the workflow task,
 * which is repeated until the code is corrected. The run has not failed, so its file must not be deleted.
 */

import { CancellationScope, condition, ContinueAsNew, patched, TemporalFailure } from '@temporalio/workflow';
import { isConfiguredFailure } from './sdk-internals.js';

/** Whether Temporal would neither end the workflow with `error` nor continue it as new. */
export function isProgrammingError(error: unknown): boolean {
  if (error instanceof TemporalFailure || error instanceof ContinueAsNew) return false;
  // An SDK without this information has nothing to configure.
  return !isConfiguredFailure(error);
}

/**
 * Fails the workflow task with a fault, here and now: outside this function, a `catch` could swallow it, and the file would not be deleted.
 * Returns only in the replay of a run of 0.1.0, which let a fault through.
 */
export async function failWorkflowTask(fault: unknown): Promise<void> {
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
