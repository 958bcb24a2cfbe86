/** Starts the package's sweep, and writes its result into the journal. */
import { WorkflowFailedError } from '@temporalio/client';
import { persistently } from './run-one.js';

const TASK_QUEUE = 'gemini-files';

/** @returns `sweep(olderThanMs)`, which resolves with the sweep's result, or undefined if it failed */
export function createSweeper({ client, note }) {
  let sweeps = 0;
  return async (olderThanMs) => {
    const id = `sweep-${(sweeps += 1)}`;
    note(`${id} begins, for what was closed ${olderThanMs} ms ago`);
    try {
      const handle = await persistently(() =>
        client.workflow.start('sweepAbandonedFiles', {
          workflowId: id,
          workflowIdConflictPolicy: 'USE_EXISTING',
          taskQueue: TASK_QUEUE,
          args: [{ olderThan: olderThanMs }],
        }),
      );
      const result = await persistently(() => handle.result());
      for (const { workflowId, name, outcome } of result.files)
        note(`${id}: ${name} is ${outcome}`, workflowId);
      return result;
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      note(`${id} failed: ${error.cause?.cause?.message ?? error.cause?.message}`);
      return undefined;
    }
  };
}
