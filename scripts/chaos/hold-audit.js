/** What the Temporal server has recorded of each hold: its runs, and the leases in them. */
import { defaultPayloadConverter } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time.js';

const ALL = "WorkflowType = 'holdActiveFile'";

const first = (payloads) =>
  payloads?.payloads?.[0] && defaultPayloadConverter.fromPayload(payloads.payloads[0]);

/** @returns by the id of the hold its runs, in order; for each what the books need (see lease-books.js), and its `events` */
export async function auditHolds(client) {
  const read = async (workflowId, runId) => {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    return { runId, startedAt: tsToMs(events[0].eventTime), events, ...describeRun(events) };
  };
  const holds = new Map();
  for await (const { workflowId, runId } of client.workflow.list({ query: ALL }))
    holds.set(workflowId, [...(holds.get(workflowId) ?? []), await read(workflowId, runId)]);
  for (const [workflowId, runs] of holds) {
    runs.sort((a, b) => a.startedAt - b.startedAt || (isNext(a, b) ? 1 : -1));
    // A run can continue as new after the list was read.
    for (let next = runs.at(-1).nextRunId; next; next = runs.at(-1).nextRunId)
      runs.push(await read(workflowId, next));
  }
  return holds;
}

const isNext = ({ events }, { runId }) =>
  events[0].workflowExecutionStartedEventAttributes.continuedExecutionRunId === runId;

function describeRun(events) {
  const { input, continuedExecutionRunId } = events[0].workflowExecutionStartedEventAttributes;
  const [options, carried] = input.payloads.map((payload) => defaultPayloadConverter.fromPayload(payload));
  const startedAt = tsToMs(events[0].eventTime);
  return {
    begins: continuedExecutionRunId
      ? {
          carried: carried.book.leases,
          keptFile: carried.kept !== undefined,
          renewals: carried.kept?.renewal.renewals,
        }
      : { acquired: { leaseId: options.leaseId, forMs: options.for, atMs: startedAt } },
    signals: events.flatMap(({ eventTime, workflowExecutionSignaledEventAttributes: signal }) => {
      if (!signal) return [];
      const { leaseId, for: forMs } = first(signal.input);
      return [{ name: signal.signalName, leaseId, forMs, atMs: tsToMs(eventTime) }];
    }),
    cancelRequested: events.some((event) => event.workflowExecutionCancelRequestedEventAttributes),
    ...endOf(events.at(-1)),
  };
}

function endOf(last) {
  const closedAt = tsToMs(last.eventTime);
  const {
    workflowExecutionCompletedEventAttributes: completed,
    workflowExecutionFailedEventAttributes: failed,
    workflowExecutionContinuedAsNewEventAttributes: continued,
  } = last;
  if (completed) return { outcome: 'completed', closedAt, result: first(completed.result) };
  if (continued) return { outcome: 'continued', closedAt, nextRunId: continued.newExecutionRunId };
  if (last.workflowExecutionCanceledEventAttributes) return { outcome: 'cancelled', closedAt };
  if (last.workflowExecutionTerminatedEventAttributes) return { outcome: 'terminated', closedAt };
  if (!failed) return { outcome: 'open' };
  const { message, applicationFailureInfo: info } = failed.failure;
  return { outcome: info?.type ?? 'failed', closedAt, message, cleanup: first(info?.details)?.cleanup };
}
