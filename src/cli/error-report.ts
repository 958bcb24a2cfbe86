/** How an error is reported: the exit code, and what `--json` prints. */

import { isGrpcServiceError, ServiceError, WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure, ValueError } from '@temporalio/common';
import { failureDetails } from '../contract/failure.js';
import { isGeminiFilesError, type Cleanup } from '../contract/errors.js';
import { GeminiApiError } from '../gemini/index.js';
import { toGeminiFilesError } from '../gemini/contract-error.js';
import { EXIT, InterruptedError, UsageError } from './exit.js';

export function isCancelled(error: unknown): boolean {
  return error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure;
}

export function isTerminated(error: unknown): boolean {
  return error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure;
}

export function exitCodeOf(error: unknown): number {
  if (isCancelled(error) || error instanceof InterruptedError) return EXIT.cancelled;
  if (error instanceof UsageError) return EXIT.usage;
  if (!isGeminiFilesError(error)) return EXIT.failed;
  switch (error.name) {
    case 'InvalidOptionsError':
    case 'UnsupportedProviderError':
      return EXIT.usage;
    case 'UploadInactiveError':
      return EXIT.inactive;
    default:
      return EXIT.failed;
  }
}

/** An error as `--json` prints it. */
export interface ErrorReport {
  readonly type: string;
  readonly message: string;
  readonly id?: string;
  readonly cleanup?: Cleanup;
  readonly [field: string]: unknown;
}

export const CANCELLED: ErrorReport = { type: 'CancelledFailure', message: 'The run was cancelled' };

/** Whether the error says that a payload codec has encoded the data. The command line has no codec. */
export function isBehindCodec(error: unknown): error is ValueError {
  return error instanceof ValueError && error.message.startsWith('Unknown encoding');
}

/**
 * Waits for data that the command does not need.
 *
 * @param say - called with the reason if a payload codec has encoded the data
 * @returns the data; undefined if a payload codec has encoded it
 */
export async function unlessBehindCodec<T>(
  read: Promise<T>,
  say: (reason: string) => void,
): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (!isBehindCodec(error)) throw error;
    say(reportOf(error).message);
    return undefined;
  }
}

export function reportOf(error: unknown): ErrorReport {
  if (isGeminiFilesError(error))
    return { type: error.name, message: error.message, ...failureDetails(error) };
  // Of a request that the command has sent itself.
  if (error instanceof GeminiApiError) return reportOf(toGeminiFilesError(error));
  if (isCancelled(error)) return CANCELLED;
  if (error instanceof WorkflowFailedError) {
    const cause = error.cause ?? error;
    return { type: cause.name, message: cause.message };
  }
  if (isBehindCodec(error))
    return {
      type: error.name,
      message: `${error.message}. The run's data went through a payload codec, which the command line does not have; read it with a client that has it`,
    };
  // Temporal's client says what it could not do, and keeps the server's words as the cause.
  if (error instanceof ServiceError && isGrpcServiceError(error.cause))
    return { type: error.name, message: `${error.message}: ${error.cause.details || error.cause.message}` };
  if (error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd')
    return {
      type: error.name,
      message:
        'The working directory does not exist any more. Change to another folder and repeat the command',
    };
  return error instanceof Error
    ? { type: error.name, message: error.message }
    : { type: 'Error', message: String(error) };
}

/** The run that failed, as `--json` names it. Only its workflow id is known if the server did not tell the rest. */
export interface FailedRun {
  readonly workflowId: string;
  readonly runId?: string;
  /** As in a result. */
  readonly webUrl?: string | null;
}

/** The lease that `hold` asked for when it failed, and its hold. */
export interface FailedHold {
  readonly holdId: string;
  readonly leaseId: string;
}

const failedRuns = new WeakMap<Error, FailedRun | FailedHold>();

/** Notes the run that a command followed when it failed. */
export function noteRun(error: unknown, run: FailedRun | FailedHold): void {
  if (error instanceof Error) failedRuns.set(error, run);
}

/** The run that was noted for the error; undefined if none was started. */
export function runOf(error: unknown): FailedRun | FailedHold | undefined {
  return error instanceof Error ? failedRuns.get(error) : undefined;
}

/** A line about the outcome of the clean-up; undefined if the report has none. */
export function cleanupLine({ id = 'the file', cleanup }: ErrorReport): string | undefined {
  switch (cleanup) {
    case 'deleted':
      return `clean-up: ${id} is deleted`;
    case 'kept':
      return `clean-up: ${id} is kept`;
    case 'failed':
      return `clean-up: ${id} could not be deleted; it stays at the provider until it expires`;
    default:
      return undefined;
  }
}
