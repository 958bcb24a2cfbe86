/** Whose payload is decoded: Temporal gives it to codecs and converters, some of which bind a payload to its workflow. */

import type { SerializationContext } from '@temporalio/common';

/** What a workflow was given. */
export function ofWorkflow(namespace: string, workflowId: string): SerializationContext {
  return { type: 'workflow', namespace, workflowId };
}

/** Input, result, heartbeats and failures of an activity. */
export function ofActivity(
  namespace: string,
  workflowId: string,
  activityId: string | null | undefined,
): SerializationContext {
  return {
    type: 'activity',
    namespace,
    workflowId,
    ...(typeof activityId === 'string' && { activityId }),
    isLocal: false,
  };
}
