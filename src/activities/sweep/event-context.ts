/** Whose payloads an event of a history has, as the SDK's workers encode them. */

import type { SerializationContext } from '@temporalio/common';
import { ofActivity, ofWorkflow } from '../../contract/payload-context.js';
import type { HistoryEvent } from './run-history.js';

/** @returns the context for the payloads of each event of one run, in the order of the history */
export function eventContexts(
  namespace: string,
  workflowId: string,
): (event: HistoryEvent) => SerializationContext {
  const activities = new Map<string, SerializationContext>();
  const own = ofWorkflow(namespace, workflowId);
  return (event) => {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const context = ofActivity(namespace, workflowId, scheduled.activityId);
      activities.set(String(event.eventId), context);
      return context;
    }
    // One that has started has the failure of the attempt before it.
    const later =
      event.activityTaskStartedEventAttributes ??
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes ??
      event.activityTaskCanceledEventAttributes;
    if (later) return activities.get(String(later.scheduledEventId)) ?? own;
    const other = otherWorkflow(event);
    return typeof other === 'string' ? ofWorkflow(namespace, other) : own;
  };
}

/** The child that is started or has ended, or the workflow that is signaled: its payloads are its own. */
function otherWorkflow(event: HistoryEvent): string | null | undefined {
  const signaled =
    event.signalExternalWorkflowExecutionInitiatedEventAttributes ??
    event.childWorkflowExecutionCompletedEventAttributes ??
    event.childWorkflowExecutionFailedEventAttributes ??
    event.childWorkflowExecutionCanceledEventAttributes;
  return (
    event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId ??
    signaled?.workflowExecution?.workflowId
  );
}
