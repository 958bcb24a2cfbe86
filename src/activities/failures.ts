/** What an activity fails with: the contract's types, and whether and when Temporal should try again. */

import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common';
import type { UploadTrace } from '../contract/activities.js';
import { isGeminiFilesError, SourceError, type GeminiFilesError } from '../contract/errors.js';
import { FILE_LIFETIME_MS } from '../contract/file.js';
import { toApplicationFailure, type FailureOptions } from '../contract/failure.js';
import { PROVIDER } from '../contract/names.js';
import { GeminiApiError } from '../gemini/index.js';
import { toGeminiFilesError } from '../gemini/contract-error.js';
import { StopRequestedError } from './attempt-stopped.js';
import { hasNodeCode } from '../sources/node-code.js';
import { bugType } from '../util/bug-type.js';
import { nameSystemError } from '../util/name-system-error.js';
import { withTimeout } from '../util/with-timeout.js';

export interface FailureContext {
  /** The file that the failure names, if the provider may have heard of it. */
  readonly id: () => string | undefined;
  /** What is left of the time in which another attempt would have to begin, in milliseconds. */
  readonly leftMs: () => number;
  /** Whether an error that could pass is one too many. @default none is */
  readonly isFinal?: (error: GeminiApiError) => boolean;
  /** What the clean-up has to know, added to the failure or the cancellation; empty if no session was opened. */
  readonly trace?: () => UploadTrace;
}

/** Runs `work`; it fails with a failure of the contract, or with Temporal's own cancellation. */
export async function withFailureMapping<T>(context: FailureContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await failureOf(nameSystemError(error), context);
  }
}

async function failureOf(error: unknown, { id, leftMs, trace, isFinal }: FailureContext): Promise<unknown> {
  const { cancellationSignal } = Context.current();
  if (error instanceof StopRequestedError) await aborted(cancellationSignal);
  const known = trace?.();
  if (cancellationSignal.aborted) return abortFailure(cancellationSignal.reason, known);
  // Empty, it says that no session was opened; a failure that names no file says the same without it.
  const details = known && (id() !== undefined || Object.keys(known).length > 0) ? [known] : undefined;
  if (isGeminiFilesError(error))
    return toApplicationFailure(withId(error, id()), { details, ...retryOf(error, leftMs()) });
  if (!(error instanceof GeminiApiError)) {
    if (isFinalBug(error))
      return ApplicationFailure.fromError(error, {
        nonRetryable: true,
        details: [{ provider: PROVIDER }, ...(known ? [known] : [])],
      });
    return known ? withTrace(error, known) : error;
  }
  return toApplicationFailure(toGeminiFilesError(error, id()), {
    retryable: error.retryable && !isFinal?.(error),
    nextRetryDelayMs: usableDelay(error.retryAfterMs, leftMs()),
    details,
  });
}

/** Of the contract's errors, only a source's can pass by itself, unless it is a programming error of a user's function. */
function retryOf(error: GeminiFilesError, leftMs: number): FailureOptions {
  if (!(error instanceof SourceError) || !error.retryable || isFinalBug(error.cause)) return {};
  return { retryable: true, nextRetryDelayMs: usableDelay(error.retryAfterMs, leftMs) };
}

/**
 * Attempts of an activity after which a programming error is final. A worker of another build may not have it. All attempts count, since
 * Temporal does not tell an attempt what the earlier ones failed with.
 */
const MAX_BUG_ATTEMPTS = 3;

const isFinalBug = (error: unknown): error is Error =>
  bugType(error) !== undefined && !hasNodeCode(error) && Context.current().info.attempt >= MAX_BUG_ATTEMPTS;

/** How long an attempt that Temporal asked to stop waits until the SDK knows of it too, in milliseconds. */
const SDK_NOTICE_MS = 10_000;

/** Resolves when the signal is aborted, or after a bound: what the SDK knows decides how it reports the end of the activity. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const bound = withTimeout(SDK_NOTICE_MS);
  await new Promise<void>((resolve) => {
    for (const one of [signal, bound]) one.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * The delay that the provider asks for, if it leaves time for another attempt. The provider can ask for int64's maximum
 * (provider fact F-QUOTA-DELAY), which would end the activity.
 */
export function usableDelay(delay: number | undefined, leftMs: number): number | undefined {
  if (delay === undefined || delay <= 0 || delay > FILE_LIFETIME_MS) return undefined;
  return delay < leftMs ? Math.ceil(delay) : undefined;
}

/** A worker that shuts down hands the activity to the next one, which Temporal does only for a failure. */
function abortFailure(reason: unknown, trace?: UploadTrace): unknown {
  if (!isShutdown(reason)) {
    if (!(reason instanceof CancelledFailure) || !trace) return reason;
    return new CancelledFailure(reason.message, [trace], reason.cause);
  }
  return ApplicationFailure.create({
    message: 'The worker is shutting down',
    type: 'WorkerShutdown',
    nextRetryDelay: 1,
    ...(trace && { details: [{ provider: PROVIDER }, trace] }),
  });
}

/** An error of no type of the contract: a disk's, a key source's, or a lost connection to Temporal. */
function withTrace(error: unknown, trace: UploadTrace): unknown {
  if (error instanceof TemporalFailure) return error;
  return ApplicationFailure.fromError(error, { details: [{ provider: PROVIDER }, trace] });
}

function isShutdown(reason: unknown): boolean {
  return reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN';
}

function withId(error: GeminiFilesError, id: string | undefined): GeminiFilesError {
  return error.id === undefined && id !== undefined ? Object.assign(error, { id }) : error;
}
