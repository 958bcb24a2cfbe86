/** Converts a run's failure into the contract's error class. */

import { WorkflowFailedError } from '@temporalio/client';
import { ChildWorkflowFailure } from '@temporalio/common';
import { fromApplicationFailure } from '../contract/failure.js';

/** The contract's error if the run failed with one; every other error, such as a cancellation, unchanged. */
export function fromWorkflowFailure(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  let cause: unknown = error.cause;
  while (cause instanceof ChildWorkflowFailure) cause = cause.cause;
  return fromApplicationFailure(cause) ?? error;
}
