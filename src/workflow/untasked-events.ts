/**
 * Keeps a workflow's state free of events that no workflow task has brought.
 *
 * A worker that answers a query of a workflow that it has not cached replays the history. If an event has come since the last
 * workflow task, such as the end of a timer, Temporal's core (of SDK 1.24) hands it to the workflow before the query, at the
 * time of that old task, and keeps the state. The workflow task that follows goes on from there: what the workflow decided by the
 * clock is recorded, no replay decides the same, and each later task fails.
 *
 * So such an event fails the query: the worker drops the state, and the workflow task brings the event at its own time.
 */

import { workflowInfo } from '@temporalio/workflow';
import { QUERY_AGAIN } from '../contract/names.js';
import { runState } from './run-state.js';
import { beforeEvents } from './sdk-internals.js';

/** What the workflow knows of its history. */
export interface TaskMark {
  /** Events that it has seen. */
  readonly events: number;
  /** Bytes of the history at the beginning of the last task; 0 if the server does not tell. */
  readonly bytes: number;
}

/** Whether events have come without a task: each task says how long the history is, and none is as long as the one before. */
export function isUntasked(last: TaskMark, now: TaskMark): boolean {
  return now.events > last.events && now.bytes === last.bytes && now.bytes > 0;
}

const seen = runState((): { last?: TaskMark } => ({}));

/** Begins to refuse them, once in a workflow. It adds nothing to the history. */
export function refuseUntaskedEvents(): void {
  const mark = seen();
  if (mark.last) return;
  mark.last = currentMark();
  beforeEvents(() => {
    const now = currentMark();
    if (mark.last && isUntasked(mark.last, now) && !workflowInfo().unsafe.isReplaying)
      throw new Error(QUERY_AGAIN);
    mark.last = now;
  });
}

function currentMark(): TaskMark {
  const { historyLength, historySize } = workflowInfo();
  return { events: historyLength, bytes: historySize };
}
