/** Creates the Temporal workers of one `worker` process. */

import type { Worker, WorkerDeploymentOptions, WorkerOptions } from '@temporalio/worker';
import type { GeminiFilesOptions } from '../../worker/index.js';
import { loadWorkerSdk } from '../../worker/load-sdk.js';
import { UsageError } from '../exit.js';

export interface WorkerSetOptions extends Required<
  Pick<WorkerOptions, 'connection' | 'namespace' | 'taskQueue' | 'shutdownGraceTime'>
> {
  /** Task queue for this host's files, and for a sweep: its activities run here, and not those of the common queue. */
  readonly hostQueue?: string;
  readonly workerDeploymentOptions?: WorkerDeploymentOptions;
}

/**
 * Of the workflows that somebody starts on a host's queue. The others are on the common queue, so two are enough: one for new runs and
 * one for open ones.
 */
const HOST_POLLERS = { type: 'simple-maximum', maximum: 2 } as const;

/**
 * One worker; with a host queue two, because the workflows of uploads stay on the common queue. A host takes no activities there: another
 * host may have the file, and the worker that has all may be among those that poll. So what is started without a file, such as a
 * sweep, has to name a queue with workflows and activities: that of the host has both.
 */
export async function createWorkers(gemini: GeminiFilesOptions, set: WorkerSetOptions): Promise<Worker[]> {
  const { hostQueue, ...common } = set;
  const { Worker } = await loadWorkerSdk();
  const { createGeminiFilesWorker, measureRoundTrip, packagedWorkflows, workerDefaults } =
    await import('../../worker/internal.js');
  if (hostQueue === undefined) return [await createGeminiFilesWorker({ ...gemini, ...common })];
  const defaults = workerDefaults({}, await measureRoundTrip(common.connection));
  return Promise.all([
    Worker.create({ ...defaults, ...common, ...packagedWorkflows() }),
    createGeminiFilesWorker({
      ...gemini,
      ...common,
      taskQueue: hostQueue,
      workflowTaskPollerBehavior: HOST_POLLERS,
    }),
  ]);
}

/** Two workers with workflows on one queue: the SDK would refuse that, late and in words of its own. @throws UsageError */
export function assertTwoQueues(taskQueue: string, hostQueue: string | undefined): void {
  if (hostQueue !== taskQueue) return;
  throw new UsageError(
    `--host-queue and --task-queue are both ${taskQueue}: give the host a queue of its own, or leave --host-queue out`,
  );
}

/** Temporal's worker versioning, from `--deployment` and `--build-id`; a run stays on the build that started it. */
export function deploymentOptions(
  deploymentName: string | undefined,
  buildId: string | undefined,
): WorkerDeploymentOptions | undefined {
  if (deploymentName === undefined && buildId === undefined) return undefined;
  if (!deploymentName || !buildId) throw new UsageError('--deployment and --build-id must be given together');
  return {
    useWorkerVersioning: true,
    version: { deploymentName, buildId },
    defaultVersioningBehavior: 'PINNED',
  };
}
