/** A wait as data: what one run of a workflow hands to the next. */

import { workflowInfo } from '@temporalio/workflow';
import type { GeminiFile } from '../contract/file.js';

/** When a run has to end. Times in milliseconds since the epoch. */
export interface RunEnd {
  /** When the upload and the wait end. */
  readonly giveUpAt: number;
  /** From when on no file is returned. */
  readonly endsAt: number;
}

export interface WaitState {
  readonly file: GeminiFile;
  /** End of the upload, milliseconds since the epoch. */
  readonly uploadedAt: number;
  readonly interval: number;
  readonly polls: number;
  /** Checks in a row in which the provider denied the file. */
  readonly missing: number;
  /** Whether `checkNow` was signalled and its check is still to be made. */
  readonly nudged?: boolean;
  /** Fingerprint of the API key that uploaded the file; absent if a worker of 0.1.0 uploaded it. */
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
  readonly state: WaitState;
}

export function carry(state: WaitState): CarriedWait {
  return { runId: workflowInfo().runId, state };
}

/**
 * The state, if the run that this one continues has made it. From anywhere else it could name a file that is not the
 * workflow's own (given by a client), or one that is deleted (a retry, or the next run of a cron, gets the same input again).
 */
export function carriedHere(carried: CarriedWait | undefined): WaitState | undefined {
  return isFromRunBefore(carried) ? carried.state : undefined;
}

/** Whether the run that this one continues has made `carried`. A run that continues none accepts nothing, whatever a client gives. */
export function isFromRunBefore<Carried extends { readonly runId: string }>(
  carried: Carried | null | undefined,
): carried is Carried {
  const before = workflowInfo().continuedFromExecutionRunId;
  return before !== undefined && carried?.runId === before;
}
