import { Worker, type WorkerOptions } from '@temporalio/worker';
import { TASK_QUEUE } from '../contract/names.js';
import { packagedWorkflows } from './bundle.js';
import type { GeminiFilesOptions } from './options.js';
import { GeminiFilesPlugin } from './plugin.js';
import { taskQueueRate } from './tiers.js';

/**
 * The waits of a worker that died are taken up by another after this long (Temporal's own default is 10 s); the price is a
 * replay where a worker is only slow to answer.
 */
export const STICKY_TIMEOUT = '3s';

export interface GeminiFilesWorkerOptions
  extends GeminiFilesOptions, Omit<WorkerOptions, 'taskQueue' | 'workflowsPath' | 'workflowBundle'> {
  /** @default 'gemini-files' */
  readonly taskQueue?: string;
}

/**
 * A whole worker: the package's workflows and activities on one task queue. Options of Temporal's `Worker.create` are
 * taken as they are.
 */
export async function createGeminiFilesWorker(options: GeminiFilesWorkerOptions = {}): Promise<Worker> {
  const {
    apiKey,
    baseUrl,
    allowInsecureBaseUrl,
    allowedRoots,
    tier,
    limits,
    configFile,
    plugins,
    ...worker
  } = options;
  const gemini = defined({ apiKey, baseUrl, allowInsecureBaseUrl, allowedRoots, tier, limits, configFile });
  const plugin = new GeminiFilesPlugin(gemini);
  return Worker.create({
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    ...taskQueueRate(plugin.settings.limits),
    ...worker,
    taskQueue: options.taskQueue ?? TASK_QUEUE,
    ...packagedWorkflows(),
    plugins: [...(plugins ?? []), plugin],
  });
}

function defined(options: {
  [K in keyof GeminiFilesOptions]: GeminiFilesOptions[K] | undefined;
}): GeminiFilesOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
