/**
 * Activity `geminiFilesDelete`.
 *
 * D1. It succeeds only if the file is deleted, or if it does not exist and no upload can create it any more.
 * D2. An upload session that may be open is ended first. If the run that opened it has continued as new, it is in that run's last heartbeat.
 * D3. A denial is final only after `settleMs`: until then the file may not be visible yet (provider fact F-GET-LATE), or a
 *     finalize may still create it (F-FINALIZE-LATE). Temporal's retries are the durable timer between two looks.
 *     If an earlier session may still create the file, a successful delete is not final before that either.
 * D4. A denial under another key than the upload's is never final (F-GET-OTHER-KEY), unless an earlier attempt has deleted the file under
 *     that key: then it is a key of the file's project. If no check has found the file (`unseen`), it
 *     is not known whose key it is, and a denial that is final is a failure.
 * D5. If nothing is known of the upload, not even whether a session was opened, an unreachable provider ends the delete after
 *     `unreachableTimeout` too. So it is if a run is cancelled between two attempts of its upload: Temporal ends the activity by itself,
 *     and hands out neither its last failure nor its last heartbeat. It is not so if the last heartbeat of earlier runs cannot be read:
 *     a finalize may have been sent.
 */

import { Context, log, type Info } from '@temporalio/activity';
import type { DeleteInput, UploadTrace } from '../contract/activities.js';
import { ProviderError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import {
  cancelUpload,
  GeminiApiError,
  keyFingerprint as fingerprintOf,
  type GeminiConnection,
  type UploadSession,
} from '../gemini/index.js';
import { REQUEST_TIMEOUT_MS } from '../gemini/connection.js';
import { isKeyFingerprint } from '../gemini/seal.js';
import { attemptTime, sinceFirstAttemptMs } from './attempt-time.js';
import { deleteIfVisible } from './delete-if-visible.js';
import type { ActivityDependencies } from './dependencies.js';
import { lastBeatOf } from './earlier-runs.js';
import { withFailureMapping } from './failures.js';
import { deleteInput, earlierRuns, nameOf } from './input.js';
import { isOtherKey } from './other-key.js';
import { traceOf, usableSession } from './session-carrier.js';
import { storeForNext } from './store-for-next.js';
import { requestTimeWithin, unreachableTooLong } from './unreachable.js';
import { withKeyRotation } from './with-key-rotation.js';
import { isRecord } from '../util/is-record.js';

/** Attempts that may be used to end an upload session; a session that receives no data ends by itself. */
const CANCEL_ATTEMPTS = 3;

/** What an attempt that has deleted a file which may reappear tells the next one. */
interface DeleteHeartbeat {
  /** Fingerprint of the key that it used. */
  readonly deletedBy: string;
}

function earlierDelete({ heartbeatDetails: details }: Info): unknown {
  return isRecord(details) ? details.deletedBy : undefined;
}

/** Deletes the file, and ends the upload that could still create it. */
export async function deleteFileActivity(deps: ActivityDependencies, input: DeleteInput): Promise<void> {
  const { info, cancellationSignal } = Context.current();
  const { leftMs } = attemptTime(info);
  const isUnreachable = unreachableTooLong(deps);
  const requestTime = requestTimeWithin(deps);
  const { session: stored, keyFingerprint: uploadedBy, finalizing } = await whatIsKnown(input);
  const isKnown = stored !== undefined || uploadedBy !== undefined || finalizing === true;
  const isFinal = (error: GeminiApiError) => !isKnown && isUnreachable(error);
  return withFailureMapping({ id: () => nameOf(input), leftMs, isFinal }, async () => {
    const { name, credentials, settleMs = 0, mayReappear, unseen } = deleteInput(input);
    let session: UploadSession | undefined;
    let apiKey = '';
    const deleted = await withKeyRotation(deps, credentials, async (given) => {
      const connection = isKnown ? given : withRequestTime(given, requestTime);
      apiKey = connection.apiKey;
      // Unsealed by the key that sealed it; ended with whichever key is accepted.
      session ??= usableSession(stored, connection, name);
      if (session) await endSession(connection, session, cancellationSignal, info.attempt < CANCEL_ATTEMPTS);
      return deleteIfVisible(connection, name, cancellationSignal);
    });
    const hasDeleted = deleted || earlierDelete(info) === fingerprintOf(apiKey);
    if (!hasDeleted && isOtherKey(uploadedBy, apiKey))
      throw notYet(name, 'the API key is not the one that uploaded it');
    if ((!deleted || mayReappear) && sinceFirstAttemptMs(info) < settleMs) {
      if (deleted) await storeForNext({ deletedBy: fingerprintOf(apiKey) } satisfies DeleteHeartbeat);
      throw notYet(name, 'its upload may have created it, or may still create it');
    }
    if (!hasDeleted && unseen) throw denied(name);
    if (deleted) log.info('File deleted', { file: name });
    else log.info('The file does not exist', { file: name });
  });
}

/** What the upload, or a check, has told of the file: in the input, or in the last heartbeat of the runs that have ended. */
async function whatIsKnown(input: DeleteInput): Promise<UploadTrace> {
  if (input?.session !== undefined) return input;
  const beat = await lastBeatOf(earlierRuns(input), nameOf(input));
  if (!beat) return input ?? {};
  const { keyFingerprint, ...trace } = traceOf(beat);
  const uploadedBy = input.keyFingerprint ?? (isKeyFingerprint(keyFingerprint) ? keyFingerprint : undefined);
  return { ...trace, ...(uploadedBy !== undefined && { keyFingerprint: uploadedBy }) };
}

function withRequestTime(
  connection: GeminiConnection,
  timeWithin: (timeoutMs: number) => number,
): GeminiConnection {
  return {
    ...connection,
    requestTimeoutMs: timeWithin(connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS),
  };
}

function notYet(name: string, reason: string): unknown {
  const message = `It is not certain yet that ${name} is deleted: ${reason}`;
  return toApplicationFailure(new ProviderError(message, { id: name }), { retryable: true });
}

function denied(name: string): ProviderError {
  const message = `The provider denied ${name}: it does not exist, or it belongs to the project of another API key`;
  return new ProviderError(message, { id: name });
}

/** @param insist - whether to fail if it is not known whether the upload is still open */
async function endSession(
  connection: GeminiConnection,
  session: UploadSession,
  signal: AbortSignal,
  insist: boolean,
): Promise<void> {
  try {
    await cancelUpload(connection, session, signal);
  } catch (error) {
    if (!(error instanceof GeminiApiError)) throw error;
    // A session that has ended refuses to be cancelled; the file that it created is deleted next.
    if (insist && (error.kind === 'connection' || error.kind === 'unavailable')) throw error;
  }
}
