/**
 * Cancels a run. Its clean-up needs a worker and the provider. If no worker has ever begun the upload, or the provider has never accepted
 * its start, nothing was sent, and there is nothing to clean up: then the run is not left to wait for one of them.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import { decoderOf, isScheduled, type DecodePending } from '../../client/pending-activities.js';
import type { ErrorKind } from '../../contract/error-kind.js';
import { ACTIVITY, WORKFLOW } from '../../contract/names.js';
import { elapsedMs, instant } from '../../util/instant.js';
import { isRecord } from '../../util/is-record.js';
import type { CommandContext } from '../command-context.js';
import { freshPollers, type SeenPollers } from '../pollers.js';
import type { Need } from './unattended.js';

type Followed = Pick<WorkflowHandle, 'describe' | 'fetchHistory' | 'cancel' | 'terminate'>;
type Pending = NonNullable<
  Awaited<ReturnType<WorkflowHandle['describe']>>['raw']['pendingActivities']
>[number];
type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

/** Time between two looks at a run that waits for a worker, milliseconds. */
const LOOK_MS = 1000;
/** A worker that runs takes a workflow task within this time, in milliseconds. One that was killed counts as a poller for minutes. */
const TAKEN_MS = 5000;

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
  const before = await lookBefore(workflow, client.options).catch(() => undefined);
  const seen: SeenPollers = new Map();
  const look = async (): Promise<'none' | 'useless' | 'unknown'> => {
    const events = (await workflow.fetchHistory()).events ?? [];
    const need = needOfUnsent(events);
    if (need === 'none') return need;
    const known = { seen, serverMs: optionalTsToDate(events.at(-1)?.eventTime)?.getTime() ?? 0 };
    // Before a worker takes its first workflow task, a run has sent nothing.
    const isOverdue = need?.tasks === 'workflows' && elapsedMs(cancelledAt) >= TAKEN_MS;
    const isUseless =
      need &&
      (before === 'refused' ||
        isOverdue ||
        (await freshPollers(client.workflowService, temporal.namespace, need.taskQueue, need.tasks, known))
          .length === 0);
    return isUseless ? 'useless' : 'unknown';
  };
  await workflow.cancel();
  const cancelledAt = instant();
  while (before && !left.aborted) {
    // Temporal has accepted the cancellation. If a look fails, the cancellation has not failed: look again.
    const found = await look().catch(() => 'unknown' as const);
    if (found === 'none') return false;
    if (found === 'useless') {
      return endNow(workflow);
    }
    await delay(LOOK_MS, undefined, { signal: left }).catch(() => undefined);
  }
  return false;
}

/** @returns false if a worker has ended the run in the meantime */
async function endNow(workflow: Followed): Promise<boolean> {
  try {
    await workflow.terminate('Cancelled before anything was sent: there is nothing to clean up');
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/**
 * `untouched`: no worker has taken the upload. `refused`: each attempt has failed before the provider accepted its start, and none is under
 * way. Undefined: something may have been sent.
 */
async function lookBefore(
  workflow: Followed,
  options: Client['options'],
): Promise<'untouched' | 'refused' | undefined> {
  const { raw, workflowId } = await workflow.describe();
  const pending = raw.pendingActivities ?? [];
  if (pending.every(isUntouched)) return 'untouched';
  const decode = decoderOf(options, workflowId);
  const neverAccepted = await Promise.all(pending.map((each) => wasNeverAccepted(each, decode)));
  return neverAccepted.every(Boolean) ? 'refused' : undefined;
}

function isUntouched(pending: Pending): boolean {
  const { attempt, lastStartedTime, lastFailure, heartbeatDetails, lastWorkerIdentity } = pending;
  return (attempt ?? 1) <= 1 && !lastStartedTime && !lastFailure && !heartbeatDetails && !lastWorkerIdentity;
}

/** No start was accepted if an attempt failed so. */
const KINDS: readonly unknown[] = [
  'connection',
  'network-setup',
  'credentials',
] satisfies readonly ErrorKind[];

/** Attempts report with their failures which session they, or those before them, have opened. */
async function wasNeverAccepted(pending: Pending, decode: DecodePending): Promise<boolean> {
  const { activityType, lastFailure } = pending;
  if (activityType?.name !== ACTIVITY.upload || !isScheduled(pending)) return false;
  const payloads = lastFailure?.applicationFailureInfo?.details?.payloads ?? [];
  const [details, trace] = await Promise.all(payloads.map((payload) => decode(pending, payload)));
  return (
    isRecord(details) && KINDS.includes(details.kind) && isRecord(trace) && Object.keys(trace).length === 0
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
