import type { GeminiFilesOptions } from '../../worker/index.js';
import type { Check } from './check.js';
import { checkDevServer } from './dev-server.js';
import { checkEnvironment } from './environment.js';
import { checkProvider } from './provider.js';
import { checkConfiguration, checkSettings } from './settings.js';
import { checkTemporal, checkTemporalConfig } from './temporal.js';

export type { Check } from './check.js';

export interface DoctorOptions {
  /** Sends nothing to the provider. */
  readonly offline: boolean;
  readonly taskQueue: string;
  /** Options of the worker that is checked. */
  readonly worker: GeminiFilesOptions;
}

/** Runs all checks; one that fails does not stop the others. Starts, installs and changes nothing. */
export async function runChecks({ offline, taskQueue, worker }: DoctorOptions): Promise<Check[]> {
  const { check: configuration, settings } = checkConfiguration(worker);
  const { checks: broken, target } = checkTemporalConfig();
  const configured = target !== undefined || broken !== undefined;
  const emulator = !configured && settings?.baseUrlGiven === false && settings.profiles.size === 0;
  const [environment, own, provider, temporal, devServer] = await Promise.all([
    checkEnvironment(),
    checkSettings(settings),
    checkProvider(settings, { offline, emulator }),
    target && checkTemporal(target, taskQueue),
    checkDevServer(configured),
  ]);
  return [
    ...environment,
    configuration,
    ...own,
    ...provider,
    ...(broken ?? []),
    ...(temporal ?? []),
    ...devServer,
  ];
}
