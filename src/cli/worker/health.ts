/** Health of the workers of this process, from their own state and from the polls that Temporal has seen. */

import type { NativeConnection, Worker } from '@temporalio/worker';
import { answerBy } from '../../util/answer-by.js';
import { errorMessage } from '../../util/error-message.js';
import { freshPollers, type SeenPollers } from '../pollers.js';

/** Timeout of a call to Temporal. */
const TIMEOUT_MS = 3000;
/** Time for which an answer is reused, so that frequent health checks call Temporal only once a second. */
const REUSE_MS = 1000;

/** The part of a worker that is needed here. */
export type Watched = Pick<Worker, 'getState' | 'getStatus' | 'options'>;

export interface WatchedSet {
  readonly workers: readonly Watched[];
  readonly connection: Pick<NativeConnection, 'workflowService' | 'withDeadline'>;
  readonly namespace: string;
}

export class WorkerHealth {
  private set: WatchedSet | undefined;
  private stopping = false;
  private readonly seen: SeenPollers = new Map();
  private last: { readonly at: number; readonly reason: Promise<string | undefined> } | undefined;

  watch(set: WatchedSet): void {
    this.set = set;
  }

  stop(): void {
    this.stopping = true;
  }

  /** Why the workers are not healthy, in one line; undefined if they are. */
  async unhealthyReason(): Promise<string | undefined> {
    if (this.stopping) return 'shutting down';
    if (!this.set) return 'starting';
    const { workers } = this.set;
    const idle = workers.find((worker) => worker.getState() !== 'RUNNING');
    if (idle) return `the worker of ${idle.options.taskQueue} is ${idle.getState()}`;
    const now = performance.now();
    if (!this.last || now - this.last.at > REUSE_MS)
      this.last = { at: now, reason: findSilentWorker(this.set, this.seen) };
    return this.last.reason;
  }
}

/** Names the first worker whose polls Temporal has not seen recently. */
async function findSilentWorker(
  { workers, connection, namespace }: WatchedSet,
  seen: SeenPollers,
): Promise<string | undefined> {
  try {
    for (const worker of workers) {
      // If long uploads take all slots, the worker does not poll for activities, and is healthy.
      if (!hasWorkflows(worker) && worker.getStatus().numInFlightActivities > 0) continue;
      const { taskQueue, identity } = worker.options;
      const tasks = hasWorkflows(worker) ? 'workflows' : 'activities';
      const pollers = await answerBy(Date.now() + TIMEOUT_MS, connection, () =>
        freshPollers(connection.workflowService, namespace, taskQueue, tasks, { seen }),
      );
      if (!pollers.includes(identity)) return `Temporal has seen no poll of ${identity} on ${taskQueue}`;
    }
    return undefined;
  } catch (error) {
    return `Temporal does not answer: ${errorMessage(error).replaceAll(/\s+/g, ' ')}`;
  }
}

function hasWorkflows({ options }: Watched): boolean {
  return options.workflowBundle !== undefined || options.workflowsPath !== undefined;
}
