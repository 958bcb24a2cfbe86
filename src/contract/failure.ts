/** The contract's errors as Temporal failures, and back. */

import { ApplicationFailure } from '@temporalio/common';
import {
  DETAILS,
  ERROR_CLASSES,
  isFailureType,
  type FailureDetails,
  type GeminiFilesError,
} from './errors.js';

export interface FailureOptions {
  /** Whether Temporal's retry policy applies; none of the contract's failures is retried unless told. */
  readonly retryable?: boolean;
  /** Delay before the next attempt, in milliseconds, in place of the retry policy's. */
  readonly nextRetryDelayMs?: number | undefined;
  /** Details after the first, which is always the `FailureDetails`. */
  readonly details?: readonly unknown[] | undefined;
}

/** `details[0]` of the failure that stands for `error`. */
export function failureDetails(error: GeminiFilesError): FailureDetails {
  const present = DETAILS.filter((name) => error[name] !== undefined).map((name) => [name, error[name]]);
  return { provider: error.provider, ...(Object.fromEntries(present) as Partial<FailureDetails>) };
}

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

/** The contract's error that `failure` stands for; undefined where it is not one of this package's. */
export function fromApplicationFailure(failure: unknown): GeminiFilesError | undefined {
  if (!(failure instanceof ApplicationFailure) || !isFailureType(failure.type)) return undefined;
  return new ERROR_CLASSES[failure.type](failure.message, {
    ...fieldsOf(failure.details?.[0]),
    cause: failure,
  });
}

const TEXTS = ['provider', 'id', 'state'] as const;
const NUMBERS = ['status', 'polls'] as const;
const CLEANUPS: readonly unknown[] = ['deleted', 'kept', 'failed'];

/** Details come off the wire, and may have been written by anybody: only what fits the contract is taken. */
function fieldsOf(details: unknown): Partial<FailureDetails> {
  if (typeof details !== 'object' || details === null) return {};
  const given = details as Record<string, unknown>;
  const texts = TEXTS.filter((name) => typeof given[name] === 'string');
  const numbers = NUMBERS.filter((name) => typeof given[name] === 'number');
  const names = [...texts, ...numbers, ...(CLEANUPS.includes(given.cleanup) ? ['cleanup'] : [])];
  return Object.fromEntries(names.map((name) => [name, given[name]]));
}
