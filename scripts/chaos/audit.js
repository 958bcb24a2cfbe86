/** How all runs ended, by what the Temporal server has recorded of each. */
import { defaultPayloadConverter } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { expectedFailures } from './run-one.js';

const ALL = "WorkflowType = 'uploadAndWaitActive'";

/** Ids of the workflows of a type that have an open run. */
export async function openWorkflows(client, type) {
  const ids = [];
  for await (const { workflowId } of client.workflow.list({
    query: `WorkflowType = '${type}' AND ExecutionStatus = 'Running'`,
  }))
    ids.push(workflowId);
  return ids;
}

/**
 * @param records - what is known of each workflow of the plan: `{workflowId, displayName, sha256s, sizeBytes, plan}`
 * @param touches - `(workflowId) => string[]`: whether it was terminated or reset
 * @returns the entries for the books, one a run, with their `events` (of the history) for whom wants to know more
 */
export async function auditRuns(client, records, touches) {
  const entries = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: ALL })) {
    const record = records.get(workflowId);
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    // Its file is that of the next run.
    if (events.at(-1).workflowExecutionContinuedAsNewEventAttributes) continue;
    const touched = touches(workflowId);
    const end = endOf(events.at(-1));
    entries.push({
      ...record,
      ...end,
      label: `${workflowId}, run ${runId}`,
      workflowId,
      names: [...namesIn(events)],
      resets: touched.filter((kind) => kind === 'reset').length,
      superseded: touched.includes('reset'),
      sentNothing: sentNothing(end),
      ...unexpected(end, record.plan, touched),
      events,
    });
  }
  return entries;
}

function endOf(last) {
  const {
    workflowExecutionCompletedEventAttributes: completed,
    workflowExecutionFailedEventAttributes: failed,
  } = last;
  if (completed)
    return {
      outcome: 'completed',
      file: defaultPayloadConverter.fromPayload(completed.result.payloads[0]).id,
    };
  if (last.workflowExecutionCanceledEventAttributes) return { outcome: 'cancelled' };
  if (last.workflowExecutionTerminatedEventAttributes) return { outcome: 'terminated' };
  if (!failed) return { outcome: 'open', message: `its last event is ${nameOf(last)}` };
  const info = failed.failure.applicationFailureInfo;
  const [details] = info?.details?.payloads ?? [];
  const { cleanup } = details ? defaultPayloadConverter.fromPayload(details) : {};
  return { outcome: info?.type ?? 'failed', cleanup, message: failed.failure.message };
}

/** A source can change while its type is read, before anything was sent: then there is nothing to clean up, and the run says so. */
export const sentNothing = ({ outcome, cleanup }) => outcome === 'FileChangedError' && cleanup === undefined;

function unexpected({ outcome, cleanup, message }, plan, touched) {
  const { fate, cancelAfterMs } = plan;
  const fine =
    (outcome === 'completed' && fate === 'active') ||
    (outcome === 'cancelled' && (cancelAfterMs !== undefined || touched.includes('cancellation'))) ||
    (outcome === 'terminated' && (touched.includes('termination') || touched.includes('reset'))) ||
    (expectedFailures(plan).includes(outcome) && cleanup === 'deleted') ||
    (plan.source?.change && sentNothing({ outcome, cleanup })) ||
    // Its file may have been deleted by the run that it was reset from.
    (outcome === 'UploadFailedError' && touched.includes('reset') && /is gone/.test(message));
  if (fine) return {};
  const said = [message, cleanup && `cleanup: ${cleanup}`].filter(Boolean).join('; ');
  return { unexpected: said ? `${outcome}: ${said}` : outcome };
}

/** The files that the run has worked on. */
function namesIn(events) {
  const names = new Set();
  const [, options] = events[0].workflowExecutionStartedEventAttributes.input.payloads;
  // Of the run before, which continued as new.
  const carried = options && defaultPayloadConverter.fromPayload(options).carried;
  if (carried) names.add(carried.state.file.name);
  for (const { activityTaskScheduledEventAttributes: scheduled } of events) {
    const [payload] = scheduled?.input?.payloads ?? [];
    if (payload) names.add(defaultPayloadConverter.fromPayload(payload).name);
  }
  return names;
}

/** `activityTaskScheduled`, and so on. */
function nameOf(event) {
  return attributesOf(event)[0].replace('EventAttributes', '');
}

function attributesOf(event) {
  return Object.entries(event).find(([key, value]) => key.endsWith('EventAttributes') && value);
}

/** `{atMs, line}` for each event, without the workflow tasks that ended well. */
export function describeEvents(events) {
  return events
    .map((event) => {
      const [, { activityType, attempt, identity, failure, reason, newExecutionRunId }] = attributesOf(event);
      const words = [
        nameOf(event),
        activityType?.name,
        attempt && `attempt ${attempt}`,
        identity,
        reason,
        newExecutionRunId && `next ${newExecutionRunId}`,
        failure && messagesOf(failure),
      ];
      return { atMs: tsToMs(event.eventTime), line: words.filter(Boolean).join(' ') };
    })
    .filter(({ line }) => !/^workflowTask(Scheduled|Started|Completed)/.test(line));
}

function messagesOf({ message, cause }) {
  return cause ? `${message} <- ${messagesOf(cause)}` : message;
}
