/** What a failed run throws in a program: the contract's classes. */

import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';
import { fromApplicationFailure } from '../contract/failure.js';

/** The contract's error behind a run's failure; anything else, a cancellation among it, as Temporal's client threw it. */
export function contractError(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  const cause = error.cause instanceof ChildWorkflowFailure ? error.cause.cause : error.cause;
  return cause instanceof ApplicationFailure ? (fromApplicationFailure(cause) ?? error) : error;
}
