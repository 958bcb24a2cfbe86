/** `temporal workflow reset`. */

import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

/**
 * Resets the latest run of a workflow id. The new run replays the old one up to its second workflow task, so it knows the
 * upload and its result. If the old run is open, it is terminated.
 *
 * @returns run ids of both
 */
export async function resetRun(
  client: Client,
  workflowId: string,
): Promise<{ readonly before: string; readonly after: string }> {
  const { runId: before } = await client.workflow.getHandle(workflowId).describe();
  const { events = [] } = await client.workflow.getHandle(workflowId, before).fetchHistory();
  const [, second] = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  const { runId: after } = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId: before },
    workflowTaskFinishEventId: second?.eventId ?? null,
    requestId: randomUUID(),
  });
  return { before, after };
}
