/**
 * What attempts of earlier runs have left. A hold continues as new also during an upload: Temporal then refuses the heartbeats of the
 * attempt, which stops, and keeps the details of the last one that it took.
 */

import { Context, log } from '@temporalio/activity';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { MAX_EARLIER_RUNS, type UploadHeartbeat } from '../contract/activities.js';
import { ACTIVITY } from '../contract/names.js';
import { ofActivity } from '../contract/payload-context.js';
import { answerBy } from '../util/answer-by.js';
import { errorMessage } from '../util/error-message.js';
import { isRecord } from '../util/is-record.js';

/** Bound of all answers of Temporal, in milliseconds: the attempt sends no heartbeat meanwhile. */
const ANSWERS_MS = 5000;

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/** Nothing of the file was sent: an attempt sends nothing of it before Temporal has taken a heartbeat. */
const NOTHING: UploadHeartbeat = { bytesSent: 0, sizeBytes: 0 };

/** What an attempt of which nothing is known may have done. */
const ANYTHING = { finalizing: true, earlierFinalize: true } as const;

/**
 * The last heartbeat of an upload in runs of this workflow that have ended.
 *
 * @param runs - their ids, the latest first
 * @param file - the file's name, for the log
 * @returns undefined if there are none
 */
export async function lastBeatOf(
  runs: readonly string[],
  file: string | undefined,
): Promise<UploadHeartbeat | undefined> {
  if (runs.length === 0) return undefined;
  const context = Context.current();
  const workflowId = context.info.workflowExecution?.workflowId ?? '';
  const until = Date.now() + ANSWERS_MS;
  let unknown: Partial<UploadHeartbeat> = {};
  try {
    const { client } = context;
    for (const runId of runs) {
      const found = await answerBy(until, client, () => beatIn(client, { workflowId, runId }));
      if (found === 'unknown') unknown = ANYTHING;
      else if (found) return { ...found, ...unknown };
    }
    // A list that is full can lack a run before these.
    return { ...NOTHING, ...(runs.length < MAX_EARLIER_RUNS ? unknown : ANYTHING) };
  } catch (error) {
    const reason = errorMessage(error);
    // The SDK aborts calls of an activity that is cancelled.
    if (!context.cancellationSignal.aborted)
      log.warn('The upload session of an earlier run cannot be read; it is not used', { file, reason });
    return { ...NOTHING, ...ANYTHING };
  }
}

/** @returns undefined if no attempt of the run has sent anything of the file */
async function beatIn(
  client: Client,
  execution: { workflowId: string; runId: string },
): Promise<UploadHeartbeat | 'unknown' | undefined> {
  const { namespace, loadedDataConverter } = client.options;
  const { pendingActivities } = await client.workflowService.describeWorkflowExecution({
    namespace,
    execution,
  });
  // A hold has one upload at a time.
  const upload = pendingActivities?.find(({ activityType }) => activityType?.name === ACTIVITY.upload);
  if (!upload) return 'unknown';
  const details = upload.heartbeatDetails?.payloads;
  const context = ofActivity(namespace, execution.workflowId, upload.activityId);
  const beat: unknown = await decodeFromPayloadsAtIndex(loadedDataConverter, 0, details, context);
  if (isRecord(beat)) return beat as unknown as UploadHeartbeat;
  return isRepeated(upload) ? 'unknown' : undefined;
}

/** Whether an attempt has ended. A reset of the activity sets the number of attempts back, and can discard their heartbeats. */
function isRepeated({ attempt, lastFailure, lastAttemptCompleteTime }: PendingActivity): boolean {
  return (attempt ?? 1) > 1 || Boolean(lastFailure ?? lastAttemptCompleteTime);
}
