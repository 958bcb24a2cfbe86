import type { Client } from '@temporalio/client';

/** A worker polls at least once a minute. The server names one that is gone for five minutes. */
const FRESH_MS = 120_000;

/** Counts the workers that poll the task queue for workflows. */
export async function countPollers(client: Client, namespace: string, taskQueue: string): Promise<number> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1, // workflows
  });
  const since = Date.now() - FRESH_MS;
  return (pollers ?? []).filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= since)
    .length;
}
