/** When a wait ends without an ACTIVE file, and with which failure. */

import type { ApplicationFailure } from '@temporalio/workflow';
import { UploadFailedError, UploadInactiveError } from '../contract/errors.js';
import { FILE_SETTLE_MS, type GeminiFile } from '../contract/file.js';
import { toApplicationFailure } from '../contract/failure.js';
import { describeFile, type FileOptions } from './file-options.js';
import { lastState, type WaitState } from './wait-state.js';

/** How many denials in a row end a wait. */
const MAX_DENIALS = 2;

/**
 * Whether one more check can tell a file that does not exist from an answer that was wrong. After a denial to another API key
 * it cannot: the answer would be the same, as often as it is asked for.
 */
export function needsSecondCheck({ missing, otherKey }: WaitState): boolean {
  return !otherKey && missing > 0 && missing < MAX_DENIALS;
}

/** Whether the file does not exist any more: it was denied several times in a row, and not shortly after its upload. */
export function isGone(state: WaitState, now: number): boolean {
  return state.missing >= MAX_DENIALS && !mayBecomeVisible(state, now);
}

/**
 * Throws if the file can no longer become ACTIVE.
 *
 * @param now - milliseconds since the epoch
 */
export function throwIfTerminal(state: WaitState, options: FileOptions, now: number): void {
  const { file, polls } = state;
  const called = describeFile(file.name, options);
  if (file.state === 'FAILED') {
    throw toApplicationFailure(
      new UploadFailedError(`The provider failed to process ${called}${reasonOf(file)}`, {
        id: file.name,
        state: 'FAILED',
        polls,
      }),
    );
  }
  if (isGone(state, now)) {
    throw toApplicationFailure(
      new UploadFailedError(`${called} ${reasonOfDenials(state)}`, {
        id: file.name,
        polls,
        kind: 'not-found',
        operation: 'get',
      }),
    );
  }
}

function reasonOf({ error }: GeminiFile): string {
  if (error?.message) return `: ${error.message}`;
  return error?.code === undefined ? ' and gave no reason' : `: code ${error.code}, without a message`;
}

function reasonOfDenials({ foreign, missing }: WaitState): string {
  const denials = `the provider denied it ${missing} times in a row`;
  if (foreign !== 'unseen') return `is gone: ${denials}`;
  return (
    `cannot be found: ${denials}. Check the id; the file may have expired or been deleted, or it may belong to the project of ` +
    'another API key than the one of this worker and these credentials'
  );
}

/**
 * Whether the file was uploaded a short time ago. It may then be denied although a check has found it before: another replica
 * of the provider may have answered. False for an upload by 0.1.0, so that its histories replay, and for a foreign file that no check has
 * found, which more likely does not exist.
 */
function mayBecomeVisible({ keyFingerprint, uploadedAt }: WaitState, now: number): boolean {
  return keyFingerprint !== undefined && now - uploadedAt < FILE_SETTLE_MS;
}

/** A number means milliseconds, which a caller may not have meant: `5 ms` tells it, and `0 s` would not. */
const describeTime = (ms: number) => (ms < 100 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`);

/** @param unanswered - whether the last check got no answer */
export function inactiveFailure(
  state: WaitState,
  options: FileOptions,
  unanswered: boolean,
): ApplicationFailure {
  const { file, polls, otherKey, missing, foreign } = state;
  const known = lastState(state);
  let last = `last state ${known ?? 'unknown'}`;
  if (unanswered) last = 'the last check got no answer';
  else if (otherKey)
    last = `denied: the API key is not the one that ${foreign ? 'found' : 'uploaded'} the file`;
  else if (missing > 0) last = `the provider denied the file ${missing} times in a row`;
  return toApplicationFailure(
    new UploadInactiveError(
      `${describeFile(file.name, options)} was not ACTIVE within ${describeTime(options.timeout)} of ` +
        `${foreign ? 'the start of the wait' : 'its upload'}: ${polls} ${polls === 1 ? 'check' : 'checks'}, ${last}`,
      { id: file.name, polls, ...(known && { state: known }) },
    ),
  );
}
