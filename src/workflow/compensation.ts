/** What becomes of the file, and of the failure, if a run ends without an ACTIVE file. */

import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  type TemporalFailure,
} from '@temporalio/workflow';
import type { Cleanup, GeminiFilesError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import { deleteFile, hintsForFailedUpload, hintsForUploaded } from './deletion.js';
import { fromActivityFailure, withDetails } from './failures.js';
import type { FileOptions } from './file-options.js';
import { countCleanup } from './metrics.js';
import type { FileActivities } from './proxies.js';
import type { RunStatus } from './status.js';
import { isGone } from './verdict.js';
import type { WaitState } from './wait-state.js';

export interface FailedRun {
  readonly name: string;
  /** The wait, if the upload had ended well, or if somebody else uploaded the file. */
  readonly uploaded?: WaitState;
  readonly options: FileOptions;
  readonly activities: FileActivities;
  readonly status: RunStatus;
}

/** Cleans up after `error`; returns what the run fails with. */
export async function compensate(error: TemporalFailure, run: FailedRun): Promise<TemporalFailure> {
  const { name, uploaded, options, activities, status } = run;
  // Before the clean-up: a cancellation that comes during it does not change anything any more.
  const cancelled = cancellationOf(error);
  const known = cancelled ? undefined : fromActivityFailure(error);
  let cleanup: Cleanup | undefined;
  let reason: string | undefined;
  if (uploaded || mayExist(error, known)) {
    status.update({ phase: 'cleaning-up', nextCheckAt: null });
    // What an upload that did not end well may have left is not a file to keep: nobody has verified its content.
    if (uploaded && !options.cleanupOnTimeout) {
      // What is gone was not kept.
      if (!isGone(uploaded, Date.now())) countCleanup((cleanup = 'kept'));
    } else {
      const hints = uploaded ? hintsForUploaded(uploaded) : hintsForFailedUpload(error);
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
function mayExist(error: TemporalFailure, known: GeminiFilesError | undefined): boolean {
  // The workflow's own failure: it names the file if the upload was scheduled.
  if (!(error instanceof ActivityFailure)) return known?.id !== undefined;
  // The upload names the file in its failures as soon as it has sent anything.
  return known === undefined || known.id !== undefined || known.name === 'UploadFailedError';
}
