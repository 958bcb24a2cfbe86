/** What a run fails with, whatever went wrong inside it. */

import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import {
  ERROR_CLASSES,
  isFailureType,
  UploadFailedError,
  type FailureDetails,
  type GeminiFilesError,
} from '../contract/errors.js';
import { fromApplicationFailure } from '../contract/failure.js';

/** Whether another check may still find the file ACTIVE after this failure of a check. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  if (error.cause instanceof TimeoutFailure) return true;
  return error.cause instanceof ApplicationFailure && !error.cause.nonRetryable;
}

/** The contract's error behind a failed activity or a failure of the workflow's own. */
export function contractError(error: Error): GeminiFilesError {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  const known = fromApplicationFailure(failure);
  if (known) return known;
  if (failure instanceof TimeoutFailure && failure.cause) {
    // The attempt that was cut short came after one that says why.
    const earlier = fromApplicationFailure(failure.cause);
    if (earlier) return earlier;
  }
  const reason = failure?.message || error.message;
  return new UploadFailedError(`The upload did not end: ${reason}`, { cause: error });
}

/** The same error with what the run knows more. */
export function withDetails(
  error: GeminiFilesError,
  details: Partial<FailureDetails>,
  cause: unknown,
): GeminiFilesError {
  const { provider, id, state, status, polls, cleanup } = error;
  const own = Object.fromEntries(
    Object.entries({ provider, id, state, status, polls, cleanup }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const Type = isFailureType(error.name) ? ERROR_CLASSES[error.name] : UploadFailedError;
  return new Type(error.message, { ...own, ...details, cause });
}
