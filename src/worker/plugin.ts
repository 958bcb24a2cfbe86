import { SimplePlugin } from '@temporalio/plugin';
import type { WorkerOptions } from '@temporalio/worker';
import { createGeminiFilesActivities } from '../activities/index.js';
import { resolveSettings, type GeminiFilesOptions, type Settings } from './options.js';

/**
 * Adds the package's activities to a worker; give it in `plugins`. Workflows are left alone: re-export those of
 * `temporal-gemini-files/workflow` from your own workflows file, or call them inline.
 */
export class GeminiFilesPlugin extends SimplePlugin {
  /** What the options, the configuration file and the environment came to. */
  readonly settings: Settings;

  /** @throws InvalidOptionsError for options or a configuration file that can't be used */
  constructor(options: GeminiFilesOptions = {}) {
    const settings = resolveSettings(options);
    super({ name: 'temporal-gemini-files', activities: createGeminiFilesActivities(settings) });
    this.settings = settings;
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    // A cancellation comes back with a heartbeat: held back for longer, it would reach a transfer late.
    return super.configureWorker({ maxHeartbeatThrottleInterval: '1s', ...options });
  }
}
