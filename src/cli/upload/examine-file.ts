/** Looks at a file as its upload would, and sends nothing. */

import { resolveUploadOptions, type UploadOptions } from '../../contract/options.js';
import { examineSource } from '../../sources/index.js';
import type { Settings } from '../../worker/options.js';
import { fingerprintOf } from './argument.js';
import { inlineSources } from './inline-sources.js';
import { inLocalWords } from './local-words.js';
import type { CommandPlan } from '../command-context.js';
import type { SourceFingerprint } from '../../contract/activities.js';

export interface ExaminedFile {
  /** As the user named it. */
  readonly given: string;
  readonly options: UploadOptions;
}

/** The settings with which files are examined: those of the worker in this process, or undefined if other workers read the sources. */
export function settingsToExamine(
  { temporal, settings }: Pick<CommandPlan, 'temporal' | 'settings'>,
  { worker, detach = false }: { readonly worker: boolean; readonly detach?: boolean },
): Settings | undefined {
  // On the embedded server, the worker of a detached run is a process with the same settings.
  return temporal && (detach || !worker) ? undefined : settings;
}

/**
 * @param settings - of the worker in this process; undefined if other workers read the sources, and know their names
 * @throws what the upload would fail with; a source that is only unavailable is left to the upload, which tries again
 */
export async function examineFile(
  { given, options }: ExaminedFile,
  settings: Settings | undefined,
  signal: AbortSignal,
): Promise<SourceFingerprint> {
  resolveUploadOptions(options);
  const { path, source, mimeType } = options;
  const fingerprint = await fingerprintOf(given, path === undefined ? { source: source ?? '' } : { path });
  if (path === undefined && settings === undefined) return fingerprint;
  const policy = {
    allowedRoots: path === undefined ? [] : ['/', path],
    ...(settings && { sources: inlineSources(source, settings.sources) }),
  };
  try {
    await examineSource({ path, source, mimeType }, policy, { attempt: 1, signal });
  } catch (error) {
    throw inLocalWords(error, path);
  }
  return fingerprint;
}
