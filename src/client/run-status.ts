import type { WorkflowExecutionDescription } from '@temporalio/client';

/** Whether a run has not ended. A run that an operator has paused (`temporal workflow pause`) is open too. */
export function isOpenRun({ status }: Pick<WorkflowExecutionDescription, 'status'>): boolean {
  return status.name === 'RUNNING' || status.name === 'PAUSED';
}
