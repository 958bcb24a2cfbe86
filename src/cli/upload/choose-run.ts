/**
 * Which run an `upload` of a file follows: the open one of this file, or one that it starts.
 *
 * The first run of a file has the file's id, and those beside it have the id with a number: `…-2`, `…-3`.
 */

import { WorkflowNotFoundError, type WorkflowExecutionDescription } from '@temporalio/client';
import type { GeminiFilesClient } from '../../client/index.js';
import { isOpenRun } from '../../client/run-status.js';
import { ACTIVITY } from '../../contract/names.js';

/** Runs of one file that may be open at once. */
const MAX_RUNS = 100;

export interface ChosenRun {
  readonly workflowId: string;
  /** Whether there is such a run to attach to. */
  readonly open: boolean;
  /** The open runs of this file that it is not, as the user reads of them. */
  readonly besides: readonly string[];
}

/** @param fresh - whether to start a run also if one is open */
export async function chooseRun(
  files: Pick<GeminiFilesClient, 'attach'>,
  fileId: string,
  fresh: boolean,
): Promise<ChosenRun> {
  let free: string | undefined;
  const besides: string[] = [];
  for (let number = 1; number <= MAX_RUNS; number++) {
    const workflowId = number === 1 ? fileId : `${fileId}-${number}`;
    const state = await stateOf(files, workflowId);
    if (state === 'open' && !fresh) return { workflowId, open: true, besides };
    if (state === 'none' || state === 'closed') free ??= workflowId;
    else
      besides.push(
        state === 'open' ? `${workflowId} is open` : `${workflowId} is being cancelled or cleans up`,
      );
    // A number is used only if the one before it is in use, so there is none after this one.
    if (state === 'none') break;
  }
  if (free === undefined) throw new Error(`${MAX_RUNS} runs of this file are open; cancel some of them`);
  return { workflowId: free, open: false, besides };
}

type RunState = 'none' | 'closed' | 'open' | 'ending';

async function stateOf(files: Pick<GeminiFilesClient, 'attach'>, workflowId: string): Promise<RunState> {
  try {
    const description = await files.attach(workflowId).workflow.describe();
    if (!isOpenRun(description)) return 'closed';
    return isEnding(description) ? 'ending' : 'open';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'none';
    throw error;
  }
}

/** Whether the run will not return a file any more. Tells without a worker. */
export function isEnding({ raw }: Pick<WorkflowExecutionDescription, 'raw'>): boolean {
  if (raw.workflowExtendedInfo?.cancelRequested) return true;
  return raw.pendingActivities?.some(({ activityType }) => activityType?.name === ACTIVITY.delete) ?? false;
}
