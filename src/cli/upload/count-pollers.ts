import type { Client } from '@temporalio/client';

/** How many workers poll the task queue for workflows, as far as the server has seen in the last minutes. */
export async function countPollers(client: Client, namespace: string, taskQueue: string): Promise<number> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1, // workflows
  });
  return pollers?.length ?? 0;
}
