/** Finds an activity that is under way, for a disturbance to hit it. */
import { defaultPayloadConverter } from '@temporalio/common';

/** How many workflows are asked. */
const LOOKED_AT = 20;

/** Bytes. */
const MUCH = 8 * 1024 * 1024;

/**
 * @param workflowIds - in the order in which they are asked
 * @param wanted - predicate on Temporal's `PendingActivityInfo`
 * @returns `{activity, workflowId, runId}`, or undefined
 */
export async function findActivity(client, workflowIds, wanted = () => true) {
  for (const workflowId of workflowIds.slice(0, LOOKED_AT)) {
    const { raw, runId, status } = await client.workflow.getHandle(workflowId).describe();
    const activity = raw.pendingActivities?.find(wanted);
    if (status.name === 'RUNNING' && activity) return { activity, workflowId, runId };
  }
  return undefined;
}

/** An upload on this worker with much to send yet, so that what happens next falls into it. */
export function isUploadOn({ activityType, lastWorkerIdentity, heartbeatDetails }, worker) {
  if (activityType.name !== 'geminiFilesUpload' || !lastWorkerIdentity.startsWith(`${worker}.`)) return false;
  const [beat] = heartbeatDetails?.payloads ?? [];
  const { sizeBytes = 0, bytesSent = 0 } = (beat && defaultPayloadConverter.fromPayload(beat)) ?? {};
  return sizeBytes - bytesSent > MUCH;
}
