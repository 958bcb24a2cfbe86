/** The failure of a run, for each error inside it. */

import { RetryState } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import {
  ERROR_CLASSES,
  isFailureType,
  UploadFailedError,
  type FailureDetails,
  type GeminiFilesError,
} from '../contract/errors.js';
import { failureDetails, fromApplicationFailure } from '../contract/failure.js';

/** Whether another check may still find the file ACTIVE after this failure of a check. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  if (error.cause instanceof TimeoutFailure) return true;
  return error.cause instanceof ApplicationFailure && !error.cause.nonRetryable;
}

/** Whether an activity ended because its time was up, whatever its last attempt met. */
function isOutOfTime(error: Error): error is ActivityFailure {
  if (!(error instanceof ActivityFailure)) return false;
  return error.cause instanceof TimeoutFailure || error.retryState === RetryState.TIMEOUT;
}

/**
 * The contract's error behind a failed activity or a failure of the workflow's own.
 *
 * @param work - what the activity did, if its time was up
 */
export function fromActivityFailure(error: Error, work = 'The upload'): GeminiFilesError {
  if (isOutOfTime(error)) return outOfTime(error, work);
  const known = fromApplicationFailure(error instanceof ActivityFailure ? error.cause : error);
  return known ?? new UploadFailedError(`Unexpected: ${reasonOf(error)}`, { cause: error });
}

function outOfTime(error: ActivityFailure, work: string): GeminiFilesError {
  const last = causeChain(error).map(fromApplicationFailure).find(Boolean);
  return new UploadFailedError(`${work} did not end in time: ${reasonOf(error)}`, {
    ...(last && failureDetails(last)),
    cause: error,
  });
}

/** `error` and what caused it, outermost first. */
export function causeChain(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causeChain(error.cause)] : [];
}

/** The message of the innermost failure: the outer ones say only that an activity failed or timed out. */
export function reasonOf(error: Error): string {
  const chain = causeChain(error);
  const inner = chain.find((cause) => cause instanceof ApplicationFailure) ?? chain.at(-1);
  return inner?.message || error.message;
}

/** The same error with the details that only the run knows. @param note - added to the message */
export function withDetails(
  error: GeminiFilesError,
  details: Partial<FailureDetails>,
  failure: Error,
  note = '',
): GeminiFilesError {
  // If the workflow's own failure were its own cause, its message would appear twice.
  const cause = failure instanceof ApplicationFailure ? failure.cause : failure;
  const message = `${error.message}${note}`;
  return new ERROR_CLASSES[error.name](message, { ...failureDetails(error), ...details, cause });
}

/** How a run ended, for its log: the type of the failure and the clean-up. The message is left out, because it names the path. */
export function describeEnd(failure: Error): { outcome: string; cleanup?: string } {
  const { cleanup } = (fromApplicationFailure(failure) ?? {}) as Partial<FailureDetails>;
  return { outcome: outcomeOf(failure), ...(cleanup && { cleanup }) };
}

/** A failure's type, from a fixed set: as the tag of a metric, its cardinality must be bounded. */
export function outcomeOf(failure: Error): string {
  if (isCancellation(failure)) return 'cancelled';
  const type = failure instanceof ApplicationFailure ? failure.type : undefined;
  return isFailureType(type) ? type : 'other';
}
