/** When a wait is over without an ACTIVE file, and what it says then. */

import type { ApplicationFailure } from '@temporalio/workflow';
import { UploadFailedError, UploadInactiveError } from '../contract/errors.js';
import { FILE_SETTLE_MS } from '../contract/file.js';
import { toApplicationFailure } from '../contract/failure.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import type { WaitState } from './wait-state.js';

/** How many denials in a row end a wait. */
const MISSING_LIMIT = 2;

/**
 * Whether one more check can tell a file that does not exist from an answer that was wrong. After a denial to another API key
 * it cannot: the answer would be the same, as often as it is asked for.
 */
export function isInDoubt({ missing, otherKey }: WaitState): boolean {
  return !otherKey && missing > 0 && missing < MISSING_LIMIT;
}

/** Whether the file does not exist any more: it was denied several times in a row, and not shortly after its upload. */
export function isGone(state: WaitState, now: number): boolean {
  return state.missing >= MISSING_LIMIT && !mayBecomeVisible(state, now);
}

/**
 * Throws if the file can no longer become ACTIVE.
 *
 * @param now - milliseconds since the epoch
 */
export function throwIfTerminal(state: WaitState, { path }: ResolvedUploadOptions, now: number): void {
  const { file, polls, missing } = state;
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
  if (isGone(state, now)) {
    throw toApplicationFailure(
      new UploadFailedError(
        `${file.name} (${path}) is gone: the provider denied it ${missing} times in a row`,
        { id: file.name, polls, kind: 'not-found', operation: 'get' },
      ),
    );
  }
}

/**
 * Whether the file was uploaded a short time ago. It may then be denied although a check has found it before: another replica
 * of the provider may have answered. False for an upload by 0.1.0, so that its histories replay.
 */
function mayBecomeVisible({ keyFingerprint, uploadedAt }: WaitState, now: number): boolean {
  return keyFingerprint !== undefined && now - uploadedAt < FILE_SETTLE_MS;
}

/** @param unanswered - whether the last check got no answer */
export function inactiveFailure(
  { file, polls, otherKey, missing }: WaitState,
  { path, timeout }: ResolvedUploadOptions,
  unanswered: boolean,
): ApplicationFailure {
  let last = `last state ${file.state}`;
  if (unanswered) last = 'the last check got no answer';
  else if (otherKey) last = 'denied: the API key is not the one that uploaded the file';
  else if (missing > 0) last = `the provider denied the file ${missing} times in a row`;
  return toApplicationFailure(
    new UploadInactiveError(
      `${file.name} (${path}) was not ACTIVE within ${Math.round(timeout / 100) / 10} s of its upload: ` +
        `${polls} ${polls === 1 ? 'check' : 'checks'}, ${last}`,
      { id: file.name, state: file.state, polls },
    ),
  );
}
