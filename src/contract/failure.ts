/** The contract's errors as Temporal failures, and back. */

import { ApplicationFailure } from '@temporalio/common';
import { pickDetails } from './error-details.js';
import { ERROR_CLASSES, isFailureType, type FailureDetails, type GeminiFilesError } from './errors.js';

/** How Temporal treats the failure. */
export interface FailureOptions {
  /** Whether Temporal's retry policy applies; the contract's failures are not retried by default. */
  readonly retryable?: boolean;
  /** Delay before the next attempt, in milliseconds, in place of the retry policy's. */
  readonly nextRetryDelayMs?: number | undefined;
  /** Details after the first, which is always the `FailureDetails`. */
  readonly details?: readonly unknown[] | undefined;
}

/** `details[0]` of the failure that represents `error`. */
export function failureDetails(error: GeminiFilesError): FailureDetails {
  return { provider: error.provider, ...pickDetails(error) };
}

/**
 * The failure by which an activity or a workflow throws an error of the contract: its `type` is the error's
 * name, and `details[0]` its `FailureDetails`. Temporal does not retry it, unless `retryable` is true.
 *
 * @param error - the error
 * @param options - whether and when Temporal retries it
 */
export function toApplicationFailure(
  error: GeminiFilesError,
  options: FailureOptions = {},
): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message,
    type: error.name,
    nonRetryable: !options.retryable,
    details: [failureDetails(error), ...(options.details ?? [])],
    ...(error.cause instanceof Error && { cause: error.cause }),
    ...(options.nextRetryDelayMs !== undefined && { nextRetryDelay: options.nextRetryDelayMs }),
  });
}

/**
 * The contract's error that `failure` represents; undefined if the failure is not one of this package.
 *
 * @param failure - Temporal's failure
 */
export function fromApplicationFailure(failure: unknown): GeminiFilesError | undefined {
  if (!(failure instanceof ApplicationFailure) || !isFailureType(failure.type)) return undefined;
  return new ERROR_CLASSES[failure.type](failure.message, {
    ...pickDetails(failure.details?.[0]),
    cause: failure,
  });
}
