/** Fetches, replays and reads the histories of runs. */

import { fileURLToPath } from 'node:url';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
export type HistoryEvent = NonNullable<History['events']>[number];

/** Replays on the main thread: a thread for each history would load the SDK once more. */
const ON_MAIN_THREAD = { debugMode: true };

const packaged: ReplayWorkerOptions = {
  workflowBundle: { codePath: fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url)) },
};

/** The events of one run, after they were replayed against the package's bundle, or the one given. */
export async function replayed(
  client: Client,
  workflowId: string,
  runId?: string,
  options: ReplayWorkerOptions = packaged,
): Promise<HistoryEvent[]> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  await Worker.runReplayHistory({ ...options, ...ON_MAIN_THREAD }, history, workflowId);
  return history.events ?? [];
}

/** Run ids of a workflow that continued as new, oldest first. */
export async function runsOf(client: Client, workflowId: string): Promise<string[]> {
  const runs: string[] = [];
  for (let runId: string | undefined; ;) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const begun = events?.[0]?.workflowExecutionStartedEventAttributes;
    runs.unshift(begun?.originalExecutionRunId ?? '');
    if (!begun?.continuedExecutionRunId) return runs;
    runId = begun.continuedExecutionRunId;
  }
}

/** When the server recorded the event, in milliseconds since the epoch; `NaN` without an event. */
export const timeOf = (event: HistoryEvent | undefined): number =>
  optionalTsToMs(event?.eventTime) ?? Number.NaN;

/** Milliseconds of each timer that was started. */
export function timers(events: readonly HistoryEvent[]): number[] {
  return events.flatMap(({ timerStartedEventAttributes: timer }) => {
    const timeout = timer?.startToFireTimeout;
    return timeout ? [Number(timeout.seconds ?? 0) * 1000 + Number(timeout.nanos ?? 0) / 1e6] : [];
  });
}

/** Types of the activities that were scheduled, in order. */
export function scheduled(events: readonly HistoryEvent[]): string[] {
  return events.flatMap(
    ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType?.name ?? [],
  );
}

/** Summaries of the timers and activities that were begun, in order. */
export function summaries(events: readonly HistoryEvent[]): unknown[] {
  return events.flatMap((event) => {
    const begun = event.timerStartedEventAttributes ?? event.activityTaskScheduledEventAttributes;
    const data = begun && event.userMetadata?.summary?.data;
    return data ? [JSON.parse(Buffer.from(data).toString('utf8')) as unknown] : [];
  });
}
