/** When a wait is over without an ACTIVE file, and in which words. */

import type { ApplicationFailure } from '@temporalio/workflow';
import { UploadFailedError, UploadInactiveError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import type { WaitState } from './wait-state.js';

/** How often the provider must say, in a row, that the file is not there. */
const MISSING_LIMIT = 2;

/** Whether only one more check can tell a file that is gone from an answer that was wrong. */
export function isInDoubt({ missing }: WaitState): boolean {
  return missing > 0 && missing < MISSING_LIMIT;
}

/** Throws where the file can no longer become ACTIVE. */
export function judge({ file, polls, missing }: WaitState, { path }: ResolvedUploadOptions): void {
  if (file.state === 'FAILED') {
    const reason = file.error?.message ? `: ${file.error.message}` : ' and gave no reason';
    throw toApplicationFailure(
      new UploadFailedError(`The provider failed to process ${file.name} (${path})${reason}`, {
        id: file.name,
        state: 'FAILED',
        polls,
      }),
    );
  }
  if (missing >= MISSING_LIMIT) {
    throw toApplicationFailure(
      new UploadFailedError(
        `${file.name} (${path}) is gone: the provider denied it ${missing} times in a row`,
        { id: file.name, polls },
      ),
    );
  }
}

/** @param unanswered - whether the last check got no answer */
export function inactive(
  { file, polls }: WaitState,
  { path, timeout }: ResolvedUploadOptions,
  unanswered: boolean,
): ApplicationFailure {
  const last = unanswered ? 'the last check got no answer' : `last state ${file.state}`;
  return toApplicationFailure(
    new UploadInactiveError(
      `${file.name} (${path}) was not ACTIVE within ${Math.round(timeout / 100) / 10} s of its upload: ` +
        `${polls} checks, ${last}`,
      { id: file.name, state: file.state, polls },
    ),
  );
}
