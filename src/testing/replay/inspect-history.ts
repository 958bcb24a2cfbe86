/**
 * What is wrong with a history, found before it is replayed: Temporal's replay worker panics or waits for ever on a history
 * that it does not expect, instead of failing.
 *
 * H1. Event ids count from 1, without a gap, a repetition or a change of order.
 * H2. The first event is WorkflowExecutionStarted, and it names a workflow type and a task queue.
 * H3. After a workflow task has started, only its own end or the end of the run can follow.
 * H4. Without a completed workflow task there is nothing to compare the code with: the history is skipped.
 */

import type { History } from '@temporalio/common/lib/proto-utils.js';

type HistoryEvent = NonNullable<History['events']>[number];

export interface Objection {
  /** `skipped`: the history is sound, but there is nothing to replay yet; `failed`: it is not a whole history. */
  readonly outcome: 'skipped' | 'failed';
  readonly reason: string;
}

/** Undefined if the history can be replayed. */
export function inspectHistory(history: History | null | undefined): Objection | undefined {
  const events = history?.events;
  if (!Array.isArray(events) || events.length === 0) return failed('it has no events');
  const reason = outOfOrder(events) ?? badStart(events[0]) ?? badWorkflowTask(events);
  if (reason !== undefined) return failed(reason);
  if (events.some((event) => event.workflowTaskCompletedEventAttributes)) return undefined;
  return {
    outcome: 'skipped',
    reason: 'no workflow task of it has completed yet, so there is nothing to compare with the code',
  };
}

const failed = (reason: string): Objection => ({ outcome: 'failed', reason: `no whole history: ${reason}` });

/** H1. */
function outOfOrder(events: readonly HistoryEvent[]): string | undefined {
  const ids = events.map((event) => String(event?.eventId));
  const at = ids.findIndex((id, index) => id !== String(index + 1));
  if (at === -1) return undefined;
  return at === 0 ? `its first event has the id ${ids[0]}, not 1` : `event ${ids[at]} follows event ${at}`;
}

/** H2. */
function badStart(first: HistoryEvent | undefined): string | undefined {
  const started = first?.workflowExecutionStartedEventAttributes;
  if (!started) return 'its first event is not WorkflowExecutionStarted';
  if (!started.workflowType?.name) return 'its first event names no workflow type';
  if (!started.taskQueue) return 'its first event names no task queue';
  return undefined;
}

/** H3. */
function badWorkflowTask(events: readonly HistoryEvent[]): string | undefined {
  const at = events.findIndex((event, index) => {
    const next = events[index + 1];
    return event.workflowTaskStartedEventAttributes && next && !mayFollowStart(next);
  });
  return at === -1
    ? undefined
    : `event ${at + 2} follows the start of a workflow task, and does not end the task`;
}

function mayFollowStart(event: HistoryEvent): boolean {
  return Boolean(
    event.workflowTaskCompletedEventAttributes ??
    event.workflowTaskFailedEventAttributes ??
    event.workflowTaskTimedOutEventAttributes ??
    event.workflowExecutionTerminatedEventAttributes ??
    event.workflowExecutionTimedOutEventAttributes,
  );
}
