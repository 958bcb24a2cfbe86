/** Activity `geminiFilesCheck`. */

import { Context, log } from '@temporalio/activity';
import type { CheckInput, CheckResult } from '../contract/activities.js';
import { GeminiApiError, getFile, keyFingerprint as fingerprintOf } from '../gemini/index.js';
import { attemptScheduledMs, attemptTime } from './attempt-time.js';
import type { ActivityDependencies } from './dependencies.js';
import { withFailureMapping } from './failures.js';
import { checkInput, nameOf } from './input.js';
import { isOtherKey } from './other-key.js';
import { unreachableTooLong } from './unreachable.js';
import { withKeyRotation } from './with-key-rotation.js';
import { countCheck, providerNow, recordOvershoot } from './metrics.js';

/** Asks for the file once. If the provider denies the file, that is an answer, not a failure. */
export async function check(deps: ActivityDependencies, input: CheckInput): Promise<CheckResult> {
  const { info, cancellationSignal } = Context.current();
  const { leftMs } = attemptTime(info, untilDeadlineMs(input, attemptScheduledMs(info)));
  const isUnreachable = unreachableTooLong(deps);
  // A file that an upload or a check has seen is waited for until the deadline (W2).
  const isFinal = (error: GeminiApiError) => !isSeen(input) && isUnreachable(error);
  return withFailureMapping({ id: () => nameOf(input), leftMs, isFinal }, async () => {
    const { name, credentials, deadlineMs, keyFingerprint } = checkInput(input);
    let clock: number | undefined;
    let apiKey = '';
    try {
      const file = await withKeyRotation(deps, credentials, (connection) => {
        apiKey = connection.apiKey;
        return getFile(
          {
            ...connection,
            onOutcome: (outcome) => {
              clock = outcome.dateMs;
              connection.onOutcome?.(outcome);
            },
          },
          name,
          cancellationSignal,
        );
      });
      countCheck(file.state);
      log.debug('File checked', { file: file.name, state: file.state });
      // Without a deadline it is not a wait that asks.
      if (file.state === 'ACTIVE' && deadlineMs !== undefined)
        recordOvershoot(file.updateTime, providerNow(clock));
      // A wait for a file that somebody else uploaded learns here which key sees it.
      return {
        found: true,
        file,
        ...(keyFingerprint === undefined && { keyFingerprint: fingerprintOf(apiKey) }),
      };
    } catch (error) {
      if (!(error instanceof GeminiApiError) || error.kind !== 'not-found') throw error;
      countCheck('missing');
      const { status = 404, message } = error;
      const otherKey = isOtherKey(keyFingerprint, apiKey);
      if (otherKey)
        log.warn('The provider denied the file to another API key than the one that uploaded it', {
          file: name,
        });
      return { found: false, status, message, ...(otherKey && { otherKey }) };
    }
  });
}

/** Whether it is known which key sees the file. */
function isSeen(input: Partial<CheckInput> | null | undefined): boolean {
  return input?.keyFingerprint !== undefined;
}

/** Both times are the server's: the deadline is the workflow's, which sees the server's clock. */
function untilDeadlineMs(input: unknown, nowMs: number): number {
  const deadline = Number(
    (input as Partial<CheckInput> | null | undefined)?.deadlineMs ?? Number.POSITIVE_INFINITY,
  );
  return Number.isNaN(deadline) ? Number.POSITIVE_INFINITY : deadline - nowMs;
}
