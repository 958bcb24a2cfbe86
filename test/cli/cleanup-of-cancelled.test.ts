/** What the history of a cancelled run says of its file: the last upload counts, and the last delete after it. */

import { expect, it } from 'vitest';
import { reportOfCancelled } from '../../src/cli/upload/cancelled-run.js';
import { ACTIVITY, WORKFLOW } from '../../src/contract/names.js';

type Step = readonly [activity: string, outcome: 'completed' | 'failed' | 'canceled'];
const REFUSED: Step = [ACTIVITY.upload, 'failed'];
const UPLOADED: Step = [ACTIVITY.upload, 'completed'];
const DELETED: Step = [ACTIVITY.delete, 'completed'];
const NOT_DELETED: Step = [ACTIVITY.delete, 'failed'];

/** The events of a run with these activities. */
function historyOf(steps: readonly Step[]): object[] {
  const data = Buffer.from(JSON.stringify({ name: 'files/a' }));
  const events: object[] = [
    {
      eventId: 1,
      workflowExecutionStartedEventAttributes: { workflowType: { name: WORKFLOW.uploadAndWaitActive } },
    },
  ];
  for (const [name, outcome] of steps) {
    const eventId = events.length + 1;
    const activityType = { name };
    const input = { payloads: [{ data }] };
    events.push({ eventId, activityTaskScheduledEventAttributes: { activityType, input } });
    const closed = outcome === 'completed' ? 'activityTaskCompletedEventAttributes' : 'other';
    events.push({ eventId: eventId + 1, [closed]: { scheduledEventId: eventId } });
  }
  return events;
}

it.each([
  [[UPLOADED], 'kept'],
  [[UPLOADED, DELETED], 'deleted'],
  [[UPLOADED, NOT_DELETED], 'failed'],
  // The storage was full at the first attempt.
  [[REFUSED, DELETED, UPLOADED], 'kept'],
  [[REFUSED, DELETED, UPLOADED, NOT_DELETED], 'failed'],
  [[REFUSED, DELETED, UPLOADED, DELETED], 'deleted'],
  [[REFUSED, NOT_DELETED, DELETED], 'deleted'],
  [[REFUSED, DELETED, REFUSED], undefined],
] as const)('%j: %s', async (steps, cleanup) => {
  const workflow = { fetchHistory: () => Promise.resolve({ events: historyOf(steps) }) };
  const report = await reportOfCancelled(new Error('cancelled'), workflow as never);
  expect([report.cleanup, report.id]).toEqual([cleanup, cleanup && 'files/a']);
});
