/** What becomes of the file, and of the failure, where a run ends in anything but an ACTIVE file. */

import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  type TemporalFailure,
} from '@temporalio/workflow';
import type { Cleanup, GeminiFilesError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import { cleanUp } from './cleanup.js';
import { contractError, withDetails } from './failures.js';
import { countCleanup } from './metrics.js';
import type { Activities } from './proxies.js';
import type { RunStatus } from './status.js';

export interface FailedRun {
  readonly name: string;
  /** Whether the upload had ended well. */
  readonly uploaded: boolean;
  readonly options: ResolvedUploadOptions;
  readonly activities: Activities;
  readonly status: RunStatus;
}

/** Cleans up after `error`; returns what the run fails with. */
export async function compensate(error: TemporalFailure, run: FailedRun): Promise<TemporalFailure> {
  const { name, uploaded, options, activities, status } = run;
  // Told before the clean-up: a cancellation that comes during it changes nothing any more.
  const cancelled = cancellationOf(error);
  const known = cancelled ? undefined : contractError(error);
  let cleanup: Cleanup | undefined;
  if (uploaded || mayExist(error, known)) {
    status.update({ phase: 'cleaning-up', nextCheckAt: null });
    // A file whose content is in doubt is never kept.
    const keep = !options.cleanupOnTimeout && !(known && !uploaded && isCorrupt(known));
    if (keep) countCleanup('kept');
    cleanup = keep ? 'kept' : await cleanUp(activities, name, options, error);
  }
  status.update({ phase: 'done', nextCheckAt: null });
  if (known === undefined) return cancelled ?? error;
  const details = {
    ...(cleanup && { id: name, cleanup }),
    polls: status.polls,
    ...(status.state && { state: status.state }),
  };
  return toApplicationFailure(withDetails(known, details, error));
}

/**
 * The cancellation that ended the run, if one did. A cancelled upload can also end in another failure: its worker died
 * and the heartbeat ran out, or an attempt failed and Temporal makes no other once a cancellation was asked for.
 */
function cancellationOf(error: TemporalFailure): TemporalFailure | undefined {
  if (isCancellation(error)) return error;
  if (!CancellationScope.current().consideredCancelled) return undefined;
  return new CancelledFailure('Cancelled, and the activity under way failed', [], error);
}

/** Whether anything may stand at the provider after an upload that did not end well. */
function mayExist(error: TemporalFailure, known: GeminiFilesError | undefined): boolean {
  // Cancelled before the upload was even scheduled.
  if (!(error instanceof ActivityFailure)) return false;
  // The upload names the file in its failures as soon as it has sent anything.
  return known === undefined || known.id !== undefined || known.name === 'UploadFailedError';
}

function isCorrupt(error: GeminiFilesError): boolean {
  return error.name === 'FileChangedError' || error.name === 'UploadFailedError';
}
