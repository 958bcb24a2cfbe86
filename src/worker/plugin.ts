import { SimplePlugin } from '@temporalio/plugin';
import type { WorkerOptions } from '@temporalio/worker';
import { createGeminiFilesActivities } from '../activities/index.js';
import { resolveSettings, type GeminiFilesOptions, type Settings } from './options.js';
import { assertTrustedStores } from './source-credentials.js';
import { warnOfSettings } from './warnings.js';

/**
 * Adds the package's activities to a worker: pass it in `plugins`. It does not add workflows: re-export those of
 * `temporal-gemini-files/workflow` from your workflows file, or call them inline.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from 'node:url';
 * import { Worker } from '@temporalio/worker';
 * import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
 *
 * const worker = await Worker.create({
 *   taskQueue: 'videos',
 *   workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
 *   plugins: [new GeminiFilesPlugin({ allowedRoots: ['/media'] })],
 * });
 * await worker.run();
 * ```
 */
export class GeminiFilesPlugin extends SimplePlugin {
  /**
   * The settings from options, configuration file and environment.
   *
   * @internal
   */
  readonly settings: Settings;

  /**
   * Reads the settings. A key is needed later, at the first request.
   *
   * @param options - the settings of the package; what they lack comes from the configuration file and the environment
   * @throws InvalidOptionsError for options or a configuration file that cannot be used
   */
  constructor(options: GeminiFilesOptions = {}) {
    const settings = resolveSettings(options);
    assertTrustedStores(settings.sources);
    super({ name: 'temporal-gemini-files', activities: createGeminiFilesActivities(settings) });
    this.settings = settings;
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    warnOfSettings(this.settings);
    // A worker learns of a cancellation in the answer to a heartbeat: a longer interval would delay it.
    return super.configureWorker({ maxHeartbeatThrottleInterval: '1s', ...options });
  }
}
