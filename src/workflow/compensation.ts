/** What becomes of the file, and of the failure, if a run ends without an ACTIVE file. */

import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  patched,
  type TemporalFailure,
} from '@temporalio/workflow';
import { pickDetails } from '../contract/error-details.js';
import type { Cleanup, GeminiFilesError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import { deleteFile, hintsForFailedUpload, hintsForUploaded, reportedBy } from './deletion.js';
import { fromActivityFailure, withDetails } from './failures.js';
import type { FileOptions } from './file-options.js';
import { countCleanup } from './metrics.js';
import type { FileActivities } from './proxies.js';
import type { RunStatus } from './status.js';
import { isGone } from './wait-outcome.js';
import type { WaitState } from './wait-state.js';

export interface FailedRun {
  readonly name: string;
  /** The wait, if the upload had ended well, or if somebody else uploaded the file. */
  readonly uploaded?: WaitState;
  /** Runs that ended during an attempt: they may have left a session or a file, also if this one was cancelled before its own attempt. */
  readonly earlierRuns: readonly string[];
  readonly options: FileOptions;
  readonly activities: FileActivities;
  readonly status: RunStatus;
}

/** Cleans up after `error`; returns what the run fails with. */
export async function compensate(error: TemporalFailure, run: FailedRun): Promise<TemporalFailure> {
  const { name, uploaded, earlierRuns, options, activities, status } = run;
  // Before the clean-up: a cancellation that comes during it does not change anything any more.
  const cancelled = cancellationOf(error);
  const known = cancelled ? undefined : fromActivityFailure(error);
  let cleanup: Cleanup | undefined;
  let reason: string | undefined;
  if (uploaded || mayExist(error, known, earlierRuns.length > 0)) {
    status.update({ phase: 'cleaning-up', nextCheckAt: null });
    // The content of a file that a failed upload left is not verified, so it is not a file to keep.
    if (uploaded && !options.cleanupOnTimeout) {
      // What is gone was not kept.
      if (!isGone(uploaded, Date.now())) countCleanup((cleanup = 'kept'));
    } else {
      const hints = uploaded ? hintsForUploaded(uploaded) : hintsForFailedUpload(error, earlierRuns);
      ({ cleanup, reason } = await deleteFile(activities, name, options, hints));
    }
  }
  status.end(cleanup);
  if (known === undefined) return cancelled ?? error;
  const details = {
    ...(cleanup && { id: name, cleanup }),
    polls: status.polls,
    ...(status.state && { state: status.state }),
  };
  const note = reason === undefined ? '' : `. The clean-up failed: ${reason}`;
  return toApplicationFailure(withDetails(known, details, error, note));
}

/**
 * The cancellation that ended the run, if one did. A cancelled upload can also end in another failure: its worker died
 * and the heartbeat ran out, or an attempt failed and Temporal makes no other once a cancellation was asked for.
 */
function cancellationOf(error: TemporalFailure): TemporalFailure | undefined {
  if (isCancellation(error)) return error;
  if (!CancellationScope.current().consideredCancelled) return undefined;
  return new CancelledFailure('Cancelled; the activity failed', [], error);
}

/** Whether an upload that did not end well may have left something at the provider. */
function mayExist(
  error: TemporalFailure,
  known: GeminiFilesError | undefined,
  isTakenOver: boolean,
): boolean {
  // The workflow's own failure: it names the file if the upload was scheduled.
  if (!(error instanceof ActivityFailure)) return isTakenOver || known?.id !== undefined;
  // The upload names the file in its failures as soon as it has sent anything.
  if (known && known.id === undefined && known.name !== 'UploadFailedError') return false;
  if (!known || !wasNeverAccepted(known) || !knownWithoutSession(error.cause)) return true;
  // 0.1.0 deleted after these all the same.
  return !patched('no-session-no-clean-up');
}

/** Whether the failure is one of the way to the provider or of the key: with no session either, no `start` was ever accepted. */
function wasNeverAccepted({ kind }: GeminiFilesError): boolean {
  return kind === 'connection' || kind === 'network-setup' || kind === 'credentials';
}

/** Whether the last attempt said that neither it nor one before it had opened a session. */
function knownWithoutSession(failure: unknown): boolean {
  const trace = reportedBy(failure);
  if (trace === undefined || Object.keys(trace).length > 0) return false;
  if (!(failure instanceof ApplicationFailure) || failure.details?.[1] !== undefined) return true;
  // Workers of 0.1.0 report no trace, but name the file as soon as they have sent anything.
  return pickDetails(failure.details?.[0]).id === undefined;
}
