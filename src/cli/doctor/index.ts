import type { GeminiFilesOptions } from '../../worker/index.js';
import type { TemporalFlags } from '../temporal-flags.js';
import { describeTarget } from '../temporal-target.js';
import type { Check } from './check.js';
import { checkDevServer } from './dev-server.js';
import { checkEnvironment } from './environment.js';
import { checkProvider } from './provider.js';
import { checkConfiguration, checkSettings } from './settings.js';
import { checkSources } from './sources.js';
import { checkStorage } from './storage.js';
import { checkTemporal, checkTemporalConfig } from './temporal.js';

export type { Check } from './check.js';

export interface DoctorOptions {
  /** Sends nothing to the provider. */
  readonly offline: boolean;
  /** Files at sources of which one byte is read. */
  readonly sources: readonly string[];
  readonly taskQueue: string;
  /** Which Temporal server is checked. */
  readonly temporal: TemporalFlags;
  /** Options of the worker that is checked. */
  readonly worker: GeminiFilesOptions;
}

export interface Report {
  readonly checks: Check[];
  /** The line that tells which Temporal server the checks are about. */
  readonly server: string;
}

/** Runs all checks; one that fails does not stop the others. Starts, installs and changes nothing. */
export async function runChecks({
  offline,
  sources: files,
  taskQueue,
  temporal: flags,
  worker,
}: DoctorOptions): Promise<Report> {
  const { check: configuration, settings } = checkConfiguration(worker);
  const { checks: broken, target } = checkTemporalConfig(flags);
  const configured = target !== undefined || broken !== undefined;
  const emulator = !configured && settings?.baseUrlGiven === false && settings.profiles.size === 0;
  const [environment, own, sources, provider, temporal, devServer] = await Promise.all([
    checkEnvironment(),
    checkSettings(settings),
    checkSources(settings, { offline, files }),
    checkProvider(settings, { offline, emulator }),
    target && checkTemporal(target, taskQueue),
    checkDevServer(configured),
  ]);
  const accepted =
    !offline && provider.some(({ name, ok, skipped }) => name === 'key valid' && ok && !skipped);
  const storage = await checkStorage(settings, accepted);
  return {
    checks: [
      ...environment,
      configuration,
      ...own,
      ...sources,
      ...provider,
      ...storage,
      ...(broken ?? []),
      ...(temporal ?? []),
      ...devServer,
    ],
    server: target
      ? describeTarget(target)
      : broken
        ? 'Temporal: the configuration is broken'
        : 'Temporal: the embedded server (nothing is configured)',
  };
}
