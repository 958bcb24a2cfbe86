/** A wait as data: what one run of a workflow hands to the next. */

import { workflowInfo } from '@temporalio/workflow';
import type { GeminiFile } from '../contract/file.js';

export interface WaitState {
  readonly file: GeminiFile;
  /** End of the upload, milliseconds since the epoch. */
  readonly uploadedAt: number;
  readonly interval: number;
  readonly polls: number;
  /** Checks in a row that did not find the file. */
  readonly missing: number;
  /** Whether `checkNow` was signalled and its check is still to be made. */
  readonly nudged?: boolean;
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
  const before = workflowInfo().continuedFromExecutionRunId;
  return before !== undefined && carried?.runId === before ? carried.state : undefined;
}
