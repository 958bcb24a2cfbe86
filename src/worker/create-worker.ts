import type { Worker, WorkerOptions } from '@temporalio/worker';
import { readOptions } from '../contract/fields.js';
import { TASK_QUEUE } from '../contract/names.js';
import { UPLOAD_FIELDS } from '../contract/options.js';
import { workflowSources } from './bundle.js';
import { loadWorkerSdk } from './load-sdk.js';
import { OPTIONS, pickOptions, type GeminiFilesOptions } from './options.js';
import { PackagedBundle } from './packaged-bundle.js';
import { GeminiFilesPlugin } from './plugin.js';
import { measureRoundTrip } from './round-trip.js';
import { pickWorkerOptions, refuseOwnWorkflows, unknownWorkerOptions } from './sdk-worker-options.js';
import { taskQueueRate } from './tiers.js';
import { warnOnce } from './warnings.js';
import { needsRoundTrip, workerDefaults } from './worker-defaults.js';

/** Options of `createGeminiFilesWorker`: the package's, and Temporal's own. */
export interface GeminiFilesWorkerOptions
  extends GeminiFilesOptions, Omit<WorkerOptions, 'taskQueue' | 'workflowsPath' | 'workflowBundle'> {
  /** Task queue that the worker polls. @default 'gemini-files' */
  readonly taskQueue?: string;
}

/**
 * Creates a worker with the package's workflows and activities on one task queue. Accepts all options of Temporal's
 * `Worker.create`, and warns of one that neither knows.
 *
 * If an option or a plugin adds code to the workflow bundle (`interceptors.workflowModules`, converters by path, `bundlerOptions`, a
 * plugin's `configureBundler`), the worker bundles when it starts; otherwise it loads the package's bundle. To know it, each plugin's
 * `configureBundler` is called once more.
 *
 * @param options - the settings of the package, and Temporal's own options of a worker
 * @throws InvalidOptionsError for options or a configuration file that cannot be used, and for workflows of your own
 * @throws MissingDependencyError if Temporal's native module, or the package's workflow bundle, cannot be loaded
 *
 * @example
 * ```ts
 * import { createGeminiFilesWorker } from 'temporal-gemini-files/worker';
 *
 * const worker = await createGeminiFilesWorker({ allowedRoots: ['/media'], tier: 'tier1' });
 * await worker.run();
 * ```
 */
export async function createGeminiFilesWorker(options: GeminiFilesWorkerOptions = {}): Promise<Worker> {
  const { taskQueue = TASK_QUEUE } = readOptions({ taskQueue: UPLOAD_FIELDS.taskQueue }, options);
  const given: Omit<GeminiFilesWorkerOptions, keyof GeminiFilesOptions> = pickWorkerOptions(options, OPTIONS);
  refuseOwnWorkflows(given);
  unknownWorkerOptions(given).forEach(warnOnce);
  const plugin = new GeminiFilesPlugin(pickOptions(options));
  const { Worker } = await loadWorkerSdk();
  return Worker.create({
    ...workerDefaults(given, needsRoundTrip(given) ? await measureRoundTrip(given.connection) : 0),
    ...taskQueueRate(plugin.settings.limits),
    ...given,
    taskQueue,
    // Plugins can add workflow code only to sources. The last plugin replaces the sources by the bundle if nothing was added.
    ...workflowSources(),
    plugins: [...(given.plugins ?? []), plugin, new PackagedBundle()],
  });
}
