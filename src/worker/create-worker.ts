import { SimplePlugin } from '@temporalio/plugin';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { TASK_QUEUE } from '../contract/names.js';
import { packagedWorkflows, workflowSources } from './bundle.js';
import type { GeminiFilesOptions } from './options.js';
import { GeminiFilesPlugin } from './plugin.js';
import { taskQueueRate } from './tiers.js';

/**
 * The waits of a worker that died are taken up by another after this long (Temporal's own default is 10 s); the price is a
 * replay where a worker is only slow to answer.
 */
const STICKY_TIMEOUT = '3s';

/** Three times the SDK's own number: bursts of checks come through sooner (docs/performance.md, load). */
const WORKFLOW_TASK_SLOTS = 120;

/**
 * In a burst, new runs go before the waits that are open already: while their uploads go on, the provider processes the files, and
 * the later checks find them ACTIVE (docs/performance.md, load). 8 of the pollers are left to the open waits, as many as the
 * SDK's own defaults give them; a long poll that waits costs next to nothing.
 */
const WORKFLOW_TASK_POLLERS = 80;
const NEW_RUNS_SHARE = 0.9;

/**
 * What the package sets in place of Temporal's own defaults; the user's options go before it.
 *
 * @param options - a tuner and a number of slots exclude each other
 */
export function workerDefaults({ tuner }: Pick<WorkerOptions, 'tuner'> = {}): Pick<
  WorkerOptions,
  | 'stickyQueueScheduleToStartTimeout'
  | 'maxConcurrentWorkflowTaskExecutions'
  | 'maxConcurrentWorkflowTaskPolls'
  | 'nonStickyToStickyPollRatio'
> {
  return {
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    maxConcurrentWorkflowTaskPolls: WORKFLOW_TASK_POLLERS,
    nonStickyToStickyPollRatio: NEW_RUNS_SHARE,
    ...(!tuner && { maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASK_SLOTS }),
  };
}

export interface GeminiFilesWorkerOptions
  extends GeminiFilesOptions, Omit<WorkerOptions, 'taskQueue' | 'workflowsPath' | 'workflowBundle'> {
  /** @default 'gemini-files' */
  readonly taskQueue?: string;
}

/**
 * A whole worker: the package's workflows and activities on one task queue. Options of Temporal's `Worker.create` are
 * taken as they are. Where something has to be bundled with the workflows (`interceptors.workflowModules`, by a plugin too,
 * converters by their path, `bundlerOptions`), the worker does so at its start; else it loads the package's bundle.
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
    ...workerDefaults(worker),
    ...taskQueueRate(plugin.settings.limits),
    ...worker,
    taskQueue: options.taskQueue ?? TASK_QUEUE,
    // What plugins add for workflows they add to sources alone; the bundle comes last, where nothing is missing from it.
    ...workflowSources(),
    plugins: [...(plugins ?? []), plugin, new PackagedBundle()],
  });
}

/** The last plugin: the package's bundle in place of the sources, unless something else has to be bundled with them. */
class PackagedBundle extends SimplePlugin {
  constructor() {
    super({ name: 'temporal-gemini-files-bundle' });
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    const { payloadConverterPath, failureConverterPath } = options.dataConverter ?? {};
    const more =
      options.interceptors?.workflowModules?.length ||
      options.bundlerOptions ||
      payloadConverterPath ||
      failureConverterPath ||
      // They come after this one.
      options.connection?.plugins.length;
    if (more) return options;
    const packaged = { ...options };
    delete packaged.workflowsPath;
    return { ...packaged, ...packagedWorkflows() };
  }
}

function defined(options: {
  [K in keyof GeminiFilesOptions]: GeminiFilesOptions[K] | undefined;
}): GeminiFilesOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
