/** An upload as data: what one run of a workflow hands to the next, which goes on with an attempt of its own. */

import { workflowInfo } from '@temporalio/workflow';
import { MAX_EARLIER_RUNS } from '../contract/activities.js';

export interface CarriedUpload {
  /** Name of the file. */
  readonly name: string;
  /** The end of all attempts, and of the waits for storage, milliseconds since the epoch. */
  readonly until: number;
  /** How often it has waited for storage. */
  readonly waits: number;
  /** Whether the next attempt is the last one. */
  readonly last: boolean;
  /** Runs, the latest first, that ended during an attempt: its session is in that attempt's last heartbeat. */
  readonly runs: readonly string[];
}

/** The upload if this run ends now, during the attempt. */
export function leftInAttempt(upload: CarriedUpload): CarriedUpload {
  return { ...upload, runs: [workflowInfo().runId, ...upload.runs].slice(0, MAX_EARLIER_RUNS) };
}
