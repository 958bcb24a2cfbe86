/** What the histories of runs say. */

/** Milliseconds of the first `activityType` of a run, from its start to its completion, by the server's clock. */
export async function activityMs(handle, activityType) {
  const { events } = await handle.fetchHistory();
  const scheduled = events.find(
    ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType.name === activityType,
  );
  const time = (attributes) =>
    millis(events.find((event) => event[attributes]?.scheduledEventId?.equals(scheduled.eventId)).eventTime);
  return time('activityTaskCompletedEventAttributes') - time('activityTaskStartedEventAttributes');
}

/** A protobuf timestamp or duration as milliseconds. */
export const millis = ({ seconds, nanos }) => Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6;

/** Events, timers and activities of a run and of those that it continued as. */
export async function costOf(client, handle) {
  const cost = { runs: 0, events: 0, timers: 0, activities: 0 };
  for (let runId = handle.firstExecutionRunId; runId;) {
    const { events } = await client.workflow.getHandle(handle.workflowId, runId).fetchHistory();
    cost.runs += 1;
    cost.events += events.length;
    cost.timers += count(events, 'timerStartedEventAttributes');
    cost.activities += count(events, 'activityTaskScheduledEventAttributes');
    runId = events.at(-1).workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return cost;
}

const count = (events, attributes) => events.filter((event) => event[attributes]).length;
