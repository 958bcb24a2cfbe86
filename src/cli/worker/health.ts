/** Whether the workers of this process do their work, as far as it can be told from inside and from Temporal. */

import type { NativeConnection, Worker } from '@temporalio/worker';
import { messageOf } from '../temporal-connection.js';

/** An idle poll lasts a minute, so a worker that polls is seen at least that often. */
const FRESH_MS = 120_000;

/** Bound of Temporal's answer, and how long one is kept: however often somebody asks, Temporal is asked once a second. */
const ANSWER_MS = 3000;
const KEPT_MS = 1000;

/** `temporal.api.enums.v1.TaskQueueType`. */
const QUEUE = { workflows: 1, activities: 2 } as const;

/** Of a worker. */
export type Watched = Pick<Worker, 'getState' | 'getStatus' | 'options'>;

export interface WatchedSet {
  readonly workers: readonly Watched[];
  readonly connection: Pick<NativeConnection, 'workflowService' | 'withDeadline'>;
  readonly namespace: string;
}

export class WorkerHealth {
  private set: WatchedSet | undefined;
  private stopping = false;
  private last: { readonly at: number; readonly trouble: Promise<string | undefined> } | undefined;

  watch(set: WatchedSet): void {
    this.set = set;
  }

  stop(): void {
    this.stopping = true;
  }

  /** Why the workers are not healthy, in one line; undefined where they are. */
  async trouble(): Promise<string | undefined> {
    if (this.stopping) return 'shutting down';
    if (!this.set) return 'starting';
    const { workers } = this.set;
    const idle = workers.find((worker) => worker.getState() !== 'RUNNING');
    if (idle) return `the worker of ${idle.options.taskQueue} is ${idle.getState()}`;
    if (!this.last || Date.now() - this.last.at > KEPT_MS)
      this.last = { at: Date.now(), trouble: unseen(this.set) };
    return this.last.trouble;
  }
}

/** Which of the workers Temporal has not seen poll of late. */
async function unseen({ workers, connection, namespace }: WatchedSet): Promise<string | undefined> {
  try {
    for (const worker of workers) {
      // All slots taken by long uploads, it does not poll for activities, and need not.
      if (!hasWorkflows(worker) && worker.getStatus().numInFlightActivities > 0) continue;
      const { taskQueue, identity } = worker.options;
      const request = {
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: hasWorkflows(worker) ? QUEUE.workflows : QUEUE.activities,
      };
      const { pollers } = await connection.withDeadline(Date.now() + ANSWER_MS, () =>
        connection.workflowService.describeTaskQueue(request),
      );
      const own = (pollers ?? []).filter((poller) => poller.identity === identity);
      const lastMs = Math.max(
        ...own.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000),
      );
      if (!(Date.now() - lastMs < FRESH_MS))
        return `Temporal has seen no poll of ${identity} on ${taskQueue}`;
    }
    return undefined;
  } catch (error) {
    return `Temporal does not answer: ${messageOf(error).replaceAll(/\s+/g, ' ')}`;
  }
}

function hasWorkflows({ options }: Watched): boolean {
  return options.workflowBundle !== undefined || options.workflowsPath !== undefined;
}
