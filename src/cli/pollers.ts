import type { WorkflowService } from '@temporalio/client';

/** An idle poll lasts a minute, so a worker polls at least that often. The server names one that is gone for five minutes. */
const FRESH_MS = 120_000;

/** What a worker takes from a task queue. The values are those of Temporal's enum `TaskQueueType`. */
const TASK_QUEUE_TYPES = { workflows: 1, activities: 2 } as const;
export type Tasks = keyof typeof TASK_QUEUE_TYPES;

/** A poller's time as the server gives it, and since when it has been the same, by this machine's monotonic clock. */
interface Seen {
  readonly serverMs: number;
  readonly sinceMs: number;
}

/** What a caller that looks again and again has seen: the pollers of each queue, by identity. */
export type SeenPollers = Map<string, ReadonlyMap<string, Seen>>;

interface Knowledge {
  /** Of a caller that looks again and again: a worker whose time has stood still since an earlier look does not count. */
  readonly seen?: SeenPollers;
  /** A time of the same server that is over. */
  readonly serverMs?: number;
}

/**
 * The identities of the workers that poll the task queue for such tasks. The server's clock and this machine's may differ, so its times are
 * compared only with each other. In a single look, a worker that is gone counts until the server has forgotten it.
 */
export async function freshPollers(
  service: WorkflowService,
  namespace: string,
  taskQueue: string,
  tasks: Tasks = 'workflows',
  { seen, serverMs = 0 }: Knowledge = {},
): Promise<readonly string[]> {
  const { pollers } = await service.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPES[tasks],
  });
  const times = new Map<string, number>();
  for (const { identity, lastAccessTime } of pollers ?? []) {
    if (!lastAccessTime) continue;
    const ms = Number(lastAccessTime.seconds ?? 0) * 1000 + (lastAccessTime.nanos ?? 0) / 1e6;
    // Each partition of the queue may name the worker.
    times.set(identity ?? '', Math.max(ms, times.get(identity ?? '') ?? 0));
  }
  const queue = `${tasks} ${taskQueue}`;
  const now = performance.now();
  const current = new Map(
    [...times].map(([identity, ms]): [string, Seen] => {
      const before = seen?.get(queue)?.get(identity);
      return [identity, before?.serverMs === ms ? before : { serverMs: ms, sinceMs: now }];
    }),
  );
  seen?.set(queue, current);
  const newest = Math.max(serverMs, ...times.values());
  return [...current].flatMap(([identity, poller]) =>
    newest - poller.serverMs <= FRESH_MS && now - poller.sinceMs <= FRESH_MS ? identity : [],
  );
}
