/** The delete of a file that a run uploaded: what the activity has to know, and what became of it. */

import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  log,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { DeleteInput, UploadTrace } from '../contract/activities.js';
import { isFailureType, type Cleanup } from '../contract/errors.js';
import { FILE_SETTLE_MS, type ActiveFile } from '../contract/file.js';
import { causeChain, reasonOf } from './failures.js';
import type { FileOptions } from './file-options.js';
import { countCleanup } from './metrics.js';
import type { FileActivities } from './proxies.js';
import type { WaitState } from './wait-state.js';

/** Long after its upload the file is visible: if it is denied, one more look a moment later is enough. Milliseconds. */
const VISIBLE_SETTLE_MS = 2_000;

/** What the delete activity has to know beside the name. JSON leaves out what is undefined. */
export type DeleteHints = {
  [Hint in keyof Omit<DeleteInput, 'name' | 'credentials'>]?: DeleteInput[Hint] | undefined;
};

/** For a file whose upload has ended well, or that somebody else uploaded. */
export function hintsForUploaded(state: WaitState): DeleteHints {
  const { keyFingerprint, earlierFinalize, uploadedAt, foreign } = state;
  const settleMs = Math.max(VISIBLE_SETTLE_MS, uploadedAt + FILE_SETTLE_MS - Date.now());
  const unseen = foreign === 'unseen' ? true : undefined;
  return { keyFingerprint, mayReappear: earlierFinalize, settleMs, unseen };
}

/**
 * For an upload that did not end well. If nothing is known of it, any of its sessions may still create the file: so it is
 * with an upload that was cancelled between two attempts, for which Temporal hands out no details.
 *
 * @param earlierRuns - runs that ended during an attempt at it; the last one's session may still be open
 */
export function hintsForFailedUpload(error: unknown, earlierRuns?: readonly string[]): DeleteHints {
  const trace = traceIn(error);
  if (!trace) {
    const runs = earlierRuns?.length ? earlierRuns : undefined;
    return { settleMs: FILE_SETTLE_MS, mayReappear: true, earlierRuns: runs };
  }
  const { session, keyFingerprint, finalizing, earlierFinalize } = trace;
  // A session without a fingerprint is of a worker of 0.1.0, which did not tell whether it finalized.
  const mayAppear = finalizing ?? (session && !keyFingerprint);
  const settleMs = mayAppear ? FILE_SETTLE_MS : undefined;
  return { session, keyFingerprint, settleMs, mayReappear: earlierFinalize };
}

/** What the last attempt reported: with its failure or its cancellation, or in its last heartbeat if it was cut off. */
function traceIn(error: unknown): UploadTrace | undefined {
  for (const cause of causeChain(error)) {
    const reported =
      cause instanceof TimeoutFailure ? asTrace(cause.lastHeartbeatDetails) : reportedBy(cause);
    if (reported) return reported;
  }
  return undefined;
}

/** What an attempt reported with its end; empty if it and those before it opened no session, undefined if it reported nothing. */
export function reportedBy(failure: unknown): UploadTrace | undefined {
  if (failure instanceof CancelledFailure) return asTrace(failure.details[0]);
  if (!(failure instanceof ApplicationFailure)) return undefined;
  // One of the contract's without a trace: the attempt opened no session.
  return asTrace(failure.details?.[1] ?? (isFailureType(failure.type) ? {} : undefined));
}

function asTrace(reported: unknown): UploadTrace | undefined {
  return typeof reported === 'object' && reported !== null ? reported : undefined;
}

/** By the file that was handed out, so that its delete knows what its wait knew. */
const waits = new WeakMap<ActiveFile, WaitState>();

export function rememberWait(file: ActiveFile, state: WaitState): void {
  waits.set(file, state);
}

/** The wait of a file that this run handed out. */
export function waitOf(file: ActiveFile): WaitState | undefined {
  return waits.get(file);
}

export function hintsForActive(file: ActiveFile): DeleteHints {
  const state = waits.get(file);
  return state ? hintsForUploaded(state) : { settleMs: VISIBLE_SETTLE_MS };
}

/** What became of a file that was to be deleted, and why it is still there. */
export interface Deletion {
  readonly cleanup: Exclude<Cleanup, 'kept'>;
  readonly reason?: string;
}

/** `deleteFile` without the reason. */
export async function deleteFileQuietly(
  ...args: Parameters<typeof deleteFile>
): Promise<Deletion['cleanup']> {
  return (await deleteFile(...args)).cleanup;
}

/**
 * Deletes `name`, also while the workflow is being cancelled. Never throws: the reason for the clean-up must stay the failure.
 *
 * @param name - the file's name, `files/…`
 */
export async function deleteFile(
  activities: FileActivities,
  name: string,
  options: FileOptions,
  hints: DeleteHints,
): Promise<Deletion> {
  return CancellationScope.nonCancellable(async () => {
    try {
      await activities.delete({ name, credentials: options.credentials, ...hints } as DeleteInput);
      countCleanup('deleted');
      return { cleanup: 'deleted' };
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      countCleanup('failed');
      const reason = reasonOf(error);
      log.warn('The file could not be deleted; it stays at the provider until it expires', {
        file: name,
        reason,
      });
      return { cleanup: 'failed', reason };
    }
  });
}
