import type { Client } from '@temporalio/client';

/** Counts the workers that have polled the task queue for workflows in the last minutes. */
export async function countPollers(client: Client, namespace: string, taskQueue: string): Promise<number> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1, // workflows
  });
  return pollers?.length ?? 0;
}
