/** What a failed run throws in a program: the contract's classes. */

import { WorkflowFailedError } from '@temporalio/client';
import { ChildWorkflowFailure } from '@temporalio/common';
import { fromApplicationFailure } from '../contract/failure.js';

/** The contract's error behind a run's failure; anything else, a cancellation among it, as Temporal's client threw it. */
export function fromWorkflowFailure(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  let cause: unknown = error.cause;
  while (cause instanceof ChildWorkflowFailure) cause = cause.cause;
  return fromApplicationFailure(cause) ?? error;
}
