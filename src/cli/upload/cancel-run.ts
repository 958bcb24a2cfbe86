/**
 * Cancels a run. Its clean-up needs a worker. If no worker has ever begun the upload, nothing was sent, and there is nothing to clean up:
 * then the run is not left to wait for one.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { ACTIVITY, WORKFLOW } from '../../contract/names.js';
import type { CommandContext } from '../command-context.js';
import { countPollers } from './count-pollers.js';
import type { Need } from './unattended.js';

type Followed = Pick<WorkflowHandle, 'describe' | 'fetchHistory' | 'cancel' | 'terminate'>;
type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

/** Time between two looks at a run that waits for a worker, milliseconds. */
const LOOK_MS = 1000;

/**
 * @param left - aborted when the command does not wait for the run any more
 * @returns whether the run was ended without a worker
 */
export async function cancelRun(
  workflow: Followed,
  { client, temporal }: Pick<CommandContext, 'client' | 'temporal'>,
  left: AbortSignal,
): Promise<boolean> {
  // Afterwards, the history does not tell an upload that no worker has taken from one between two attempts.
  const mayBeUnsent = await isUploadUntouched(workflow).catch(() => false);
  await workflow.cancel();
  while (mayBeUnsent && !left.aborted) {
    const { events } = await workflow.fetchHistory();
    const need = needOfUnsent(events ?? []);
    if (need === 'none') return false;
    if (need && (await countPollers(client, temporal.namespace, need.taskQueue, need.tasks)) === 0) {
      await workflow.terminate(
        'Cancelled before any worker had begun the upload: there is nothing to clean up',
      );
      return true;
    }
    await delay(LOOK_MS, undefined, { signal: left }).catch(() => undefined);
  }
  return false;
}

/** Whether no worker has taken an activity of the run that is under way. */
async function isUploadUntouched(workflow: Followed): Promise<boolean> {
  const { raw } = await workflow.describe();
  return (raw.pendingActivities ?? []).every(
    ({ attempt, lastStartedTime, lastFailure, heartbeatDetails, lastWorkerIdentity }) =>
      (attempt ?? 1) <= 1 && !lastStartedTime && !lastFailure && !heartbeatDetails && !lastWorkerIdentity,
  );
}

/** What the server itself writes into the history of a run that no worker has taken. */
const BY_THE_SERVER = [
  'workflowExecutionStartedEventAttributes',
  'workflowTaskScheduledEventAttributes',
  'workflowExecutionSignaledEventAttributes',
  'workflowExecutionCancelRequestedEventAttributes',
] as const;

/**
 * The worker that a cancelled run needs, although it has sent nothing. `none`: it may have sent something, or has ended; undefined: that
 * cannot be told yet.
 */
export function needOfUnsent(events: Events): Need | 'none' | undefined {
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  // Other workflows may clean up more. A run that another one continued as has a file.
  const uploads: readonly unknown[] = [WORKFLOW.uploadAndWaitActive, WORKFLOW.preuploadAndWaitActive];
  if (!uploads.includes(started?.workflowType?.name) || started?.continuedExecutionRunId) return 'none';
  if (events.every((event) => BY_THE_SERVER.some((attributes) => event[attributes])))
    return { taskQueue: started?.taskQueue?.name ?? '', tasks: 'workflows' };
  if (
    events.some(
      (event) =>
        event.activityTaskStartedEventAttributes ??
        event.workflowExecutionCanceledEventAttributes ??
        // The run was reset: the history does not have all that was done.
        event.workflowTaskFailedEventAttributes,
    )
  )
    return 'none';
  const [deletion] = events.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityType?.name === ACTIVITY.delete ? [scheduled] : [],
  );
  return deletion && { taskQueue: deletion.taskQueue?.name ?? '', tasks: 'activities' };
}
