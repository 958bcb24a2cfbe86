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
