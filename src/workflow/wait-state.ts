/** A wait as data: what one run of a workflow hands to the next. */

import { workflowInfo } from '@temporalio/workflow';
import { unknownFile, type FileState, type GeminiFile } from '../contract/file.js';
import type { ResolvedWaitOptions } from '../contract/wait-options.js';
import type { FileOptions } from './file-options.js';

/** When a run has to end. Times in milliseconds since the epoch. */
export interface RunEnd {
  /** When the upload and the wait end. */
  readonly giveUpAt: number;
  /** From when on no file is returned. */
  readonly endsAt: number;
}

export interface WaitState {
  readonly file: GeminiFile;
  /**
   * Set if somebody else uploaded the file: whether a check has found it. Until then `file` has only its name, and `uploadedAt` is
   * the start of the wait.
   */
  readonly foreign?: 'unseen' | 'seen';
  /** End of the upload, milliseconds since the epoch. */
  readonly uploadedAt: number;
  readonly interval: number;
  readonly polls: number;
  /** Checks in a row in which the provider denied the file. */
  readonly missing: number;
  /** Whether `checkNow` was signalled and its check is still to be made. */
  readonly nudged?: boolean;
  /** Fingerprint of the API key that uploaded the file, or that found it if it is foreign; absent if a worker of 0.1.0 did. */
  readonly keyFingerprint?: string;
  /** Whether a finalize of an earlier session may still create the file, also after a delete. */
  readonly earlierFinalize?: true;
  /** Whether the last answer was a denial to another API key, which proves nothing. */
  readonly otherKey?: boolean;
  /** When the run has to end; absent without `endWithin`. */
  readonly end?: RunEnd;
}

/** An open wait on its way to the next run. Hand it on as it is. */
export interface CarriedWait {
  /** The run that made it. */
  readonly runId: string;
  /** Its file and its times. The fields are not part of the contract. */
  readonly state: WaitState;
}

/** A wait that begins with a check. */
export function foreignWait({ id, pollInterval }: ResolvedWaitOptions, end: RunEnd | undefined): WaitState {
  return {
    file: unknownFile(id),
    foreign: 'unseen',
    uploadedAt: Date.now(),
    interval: pollInterval,
    polls: 0,
    missing: 0,
    nudged: true,
    ...(end && { end }),
  };
}

/** The file's last known state. */
export function lastState({ foreign, file }: WaitState): FileState | undefined {
  return foreign === 'unseen' ? undefined : file.state;
}

export function toCarriedWait(state: WaitState): CarriedWait {
  return { runId: workflowInfo().runId, state };
}

/**
 * The state, if the run that this one continues has made it. From anywhere else it could name a file that is not the
 * workflow's own (given by a client), or one that is deleted (a retry, or the next run of a cron, gets the same input again).
 */
export function acceptCarriedWait(
  carried: CarriedWait | undefined,
  options: FileOptions,
): WaitState | undefined {
  return isFromRunBefore(carried) && isOf(options, carried.state) ? carried.state : undefined;
}

/** A foreign file's wait must not become one of an own file, which is deleted more readily. */
function isOf(options: FileOptions, { foreign, file }: WaitState): boolean {
  return 'id' in options ? foreign !== undefined && file.name === options.id : foreign === undefined;
}

/** Whether the run that this one continues has made `carried`. A run that continues none accepts nothing, whatever a client gives. */
export function isFromRunBefore<Carried extends { readonly runId: string }>(
  carried: Carried | null | undefined,
): carried is Carried {
  const before = workflowInfo().continuedFromExecutionRunId;
  return before !== undefined && carried?.runId === before;
}
