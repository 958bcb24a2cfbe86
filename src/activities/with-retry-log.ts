/** The log of an activity's end: Temporal's context logger adds workflow, activity and attempt to each line. */

import { log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isFailureType } from '../contract/errors.js';
import { fromApplicationFailure } from '../contract/failure.js';
import { isFileName } from '../gemini/index.js';

type Activity<Input, Result> = (input: Input) => Promise<Result>;

/** The activity; what it leaves to Temporal to try again is logged with the file's name. */
export function withRetryLog<Input extends { readonly name: string }, Result>(
  activity: Activity<Input, Result>,
): Activity<Input, Result> {
  return async (input) => {
    try {
      return await activity(input);
    } catch (error) {
      // Called by anybody, with anything: only what is a file's name is logged as one.
      const name: unknown = (input as Partial<Input> | undefined)?.name;
      if (isFileName(name)) logRetried(name, error);
      throw error;
    }
  };
}

function logRetried(file: string, error: unknown): void {
  if (!(error instanceof ApplicationFailure) || error.nonRetryable || !isFailureType(error.type)) return;
  const { status } = fromApplicationFailure(error) ?? {};
  const { type, message: reason } = error;
  const nextRetryDelay: unknown = error.nextRetryDelay;
  log.warn('Request failed; Temporal retries it', {
    file,
    type,
    reason,
    ...(status !== undefined && { status }),
    ...(typeof nextRetryDelay === 'number' && { nextRetryDelayMs: nextRetryDelay }),
  });
}
