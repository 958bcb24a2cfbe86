/** Tells what happened to the file of a cancelled run. A cancellation has no details; the history does, and needs no worker. */

import type { WorkflowHandle } from '@temporalio/client';
import { ACTIVITY, WORKFLOW } from '../../contract/names.js';
import type { Cleanup } from '../../contract/errors.js';
import { reportOf, type ErrorReport } from '../error-report.js';

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

/** The report of the cancellation `error`, with the file and the outcome of its clean-up as a failure would have them. */
export async function reportOfCancelled(
  error: unknown,
  workflow: Pick<WorkflowHandle, 'fetchHistory'>,
): Promise<ErrorReport> {
  const events = await workflow.fetchHistory().then(
    (history) => history.events ?? [],
    // Without the history, only the cancellation itself is reported.
    (): Events => [],
  );
  return { ...reportOf(error), ...outcomeOf(events) };
}

function outcomeOf(events: Events): { id?: string; cleanup?: Cleanup } {
  const begun = events[0]?.workflowExecutionStartedEventAttributes;
  // Other workflows may have several files.
  const types: readonly unknown[] = [
    WORKFLOW.uploadAndWaitActive,
    WORKFLOW.preuploadAndWaitActive,
    WORKFLOW.waitActive,
  ];
  if (!types.includes(begun?.workflowType?.name)) return {};
  const cleanup = cleanupIn(events);
  const id = fileIn(events);
  return { ...(cleanup && id !== undefined && { id }), ...(cleanup && { cleanup }) };
}

/** Undefined if there was nothing to clean up. */
function cleanupIn(events: Events): Cleanup | undefined {
  const upload = lastScheduledIn(events, ACTIVITY.upload);
  const deletion = lastScheduledIn(events, ACTIVITY.delete);
  // A delete before the last upload belongs to an earlier attempt, which the full storage refused.
  if (deletion && !(upload && Number(deletion.eventId) < Number(upload.eventId)))
    return isCompleted(events, deletion) ? 'deleted' : 'failed';
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  // Somebody else uploaded the file.
  if (started?.workflowType?.name === WORKFLOW.waitActive) return 'kept';
  // A run that another one continued as has no upload of its own, but the wait for its file.
  const uploaded = upload
    ? isCompleted(events, upload)
    : Number(started?.initiator) === CONTINUED_BY_WORKFLOW;
  return uploaded ? 'kept' : undefined;
}

/** `temporal.api.enums.v1.ContinueAsNewInitiator`: by the workflow itself, in contrast to a cron schedule or a retry. */
const CONTINUED_BY_WORKFLOW = 1;

function lastScheduledIn(events: Events, activity: string): Events[number] | undefined {
  return events.findLast(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === activity,
  );
}

function isCompleted(events: Events, { eventId }: Events[number]): boolean {
  return events.some(
    ({ activityTaskCompletedEventAttributes: completed }) =>
      completed && String(completed.scheduledEventId) === String(eventId),
  );
}

/** `files/…`, as the run's activities were given it; undefined behind a payload codec. */
function fileIn(events: Events): string | undefined {
  for (const { activityTaskScheduledEventAttributes: scheduled } of events) {
    const data = scheduled?.input?.payloads?.[0]?.data;
    if (!data) continue;
    try {
      const { name } = JSON.parse(Buffer.from(data).toString('utf8')) as { name?: unknown };
      if (typeof name === 'string') return name;
    } catch {
      return undefined;
    }
  }
  return undefined;
}
