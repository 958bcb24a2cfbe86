/** What an activity fails with: the contract's types, and whether and when Temporal should try again. */

import { Context, type Info } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import {
  InvalidCredentialsError,
  isGeminiFilesError,
  ProviderError,
  QuotaExceededError,
  type ErrorFields,
  type GeminiFilesError,
} from '../contract/errors.js';
import { FILE_LIFETIME_MS } from '../contract/file.js';
import { toApplicationFailure } from '../contract/failure.js';
import { GeminiApiError } from '../gemini/index.js';

/** Runs `work`; whatever it throws leaves as a failure of the contract, or as Temporal's own cancellation. */
export async function failing<T>(
  id: () => string | undefined,
  deadlineMs: number,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error, id(), deadlineMs);
  }
}

/** When the activity's time is up, milliseconds since the epoch. */
export function closesAt({ scheduledTimestampMs, scheduleToCloseTimeoutMs }: Info): number {
  return scheduleToCloseTimeoutMs > 0
    ? scheduledTimestampMs + scheduleToCloseTimeoutMs
    : Number.POSITIVE_INFINITY;
}

function failureOf(error: unknown, id: string | undefined, deadlineMs: number): unknown {
  const { cancellationSignal } = Context.current();
  if (cancellationSignal.aborted) return abortFailure(cancellationSignal.reason);
  if (isGeminiFilesError(error)) return toApplicationFailure(withId(error, id));
  if (!(error instanceof GeminiApiError)) return error;
  return toApplicationFailure(contractError(error, id), {
    retryable: error.retryable,
    nextRetryDelayMs: usableDelay(error.retryAfterMs, deadlineMs),
  });
}

/** The delay that the provider asks for, where it leaves time for another attempt: int64's maximum, which it is known to ask for, would end the activity. */
export function usableDelay(delay: number | undefined, deadlineMs: number): number | undefined {
  if (delay === undefined || delay <= 0 || delay > FILE_LIFETIME_MS) return undefined;
  return Date.now() + delay < deadlineMs ? Math.ceil(delay) : undefined;
}

/** A worker that shuts down hands the activity to the next one, which Temporal does only for a failure. */
function abortFailure(reason: unknown): unknown {
  if (!isShutdown(reason)) return reason;
  return ApplicationFailure.create({
    message: 'The worker is shutting down',
    type: 'WorkerShutdown',
    nextRetryDelay: 1,
  });
}

function isShutdown(reason: unknown): boolean {
  return reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN';
}

function withId(error: GeminiFilesError, id: string | undefined): GeminiFilesError {
  return error.id === undefined && id !== undefined ? Object.assign(error, { id }) : error;
}

function contractError(error: GeminiApiError, id: string | undefined): GeminiFilesError {
  const fields: ErrorFields = {
    ...(id !== undefined && { id }),
    ...(error.status !== undefined && { status: error.status }),
  };
  switch (error.kind) {
    case 'credentials':
      return new InvalidCredentialsError(
        `The provider does not accept the API key. ${error.message}`,
        fields,
      );
    case 'quota':
      return new QuotaExceededError(
        `The project's file storage (quota file_storage_bytes) is full: delete files, or wait for some to expire ` +
          `(48 hours after their upload). ${error.message}`,
        fields,
      );
    default:
      return new ProviderError(error.message, fields);
  }
}
