import type { WorkflowService } from '@temporalio/client';

/** An idle poll lasts a minute, so a worker polls at least that often. The server names one that is gone for five minutes. */
const FRESH_MS = 120_000;

/** What a worker takes from a task queue. The values are those of Temporal's enum `TaskQueueType`. */
const TASK_QUEUE_TYPES = { workflows: 1, activities: 2 } as const;
export type Tasks = keyof typeof TASK_QUEUE_TYPES;

/** The workers that poll the task queue for such tasks. */
export async function freshPollers(
  service: WorkflowService,
  namespace: string,
  taskQueue: string,
  tasks: Tasks = 'workflows',
): Promise<readonly { readonly identity?: string | null }[]> {
  const { pollers } = await service.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPES[tasks],
  });
  const since = Date.now() - FRESH_MS;
  return (pollers ?? []).filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= since);
}
