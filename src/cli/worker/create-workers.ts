/** Creates the Temporal workers of one `worker` process. */

import type { Worker, WorkerDeploymentOptions, WorkerOptions } from '@temporalio/worker';
import type { GeminiFilesOptions } from '../../worker/index.js';
import { loadWorkerSdk } from '../../worker/load-sdk.js';
import { UsageError } from '../errors.js';

export interface WorkerSetOptions extends Required<
  Pick<WorkerOptions, 'connection' | 'namespace' | 'taskQueue' | 'shutdownGraceTime'>
> {
  /** Task queue for this host's files: only its activities run here, not those of the common queue. */
  readonly hostQueue?: string;
  readonly workerDeploymentOptions?: WorkerDeploymentOptions;
}

/** One worker; with a host queue two, because the workflows stay on the common queue. */
export async function createWorkers(gemini: GeminiFilesOptions, set: WorkerSetOptions): Promise<Worker[]> {
  const { hostQueue, ...common } = set;
  const { Worker } = await loadWorkerSdk();
  const { createGeminiFilesWorker, GeminiFilesPlugin, packagedWorkflows, taskQueueRate, workerDefaults } =
    await import('../../worker/internal.js');
  if (hostQueue === undefined) return [await createGeminiFilesWorker({ ...gemini, ...common })];
  const plugin = new GeminiFilesPlugin(gemini);
  return Promise.all([
    Worker.create({ ...workerDefaults(), ...common, ...packagedWorkflows() }),
    Worker.create({
      ...common,
      ...taskQueueRate(plugin.settings.limits),
      taskQueue: hostQueue,
      plugins: [plugin],
    }),
  ]);
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
