/** Warnings of a worker about settings that are allowed, and probably not meant. */

import { existsSync } from 'node:fs';
import { loadSdk } from '../gemini/sdk.js';
import { errorMessage } from '../util/error-message.js';
import { twoKeys } from './mistakes.js';
import type { Settings } from './options.js';

const emitted = new Set<string>();

export function warnOfSettings(settings: Settings): void {
  warningsOf(settings).forEach(warnOnce);
  // The first upload loads it anyway.
  loadSdk().catch((error: unknown) => warnOnce(`No file can be uploaded. ${errorMessage(error)}`));
}

/** Emits each warning once in the process: as Node's own, since a worker of the user's has its own log. */
export function warnOnce(warning: string): void {
  if (emitted.has(warning)) return;
  emitted.add(warning);
  process.emitWarning(warning, 'GeminiFilesWarning');
}

export function warningsOf({ keySource, profiles, allowedRoots }: Settings): string[] {
  const keys = keySource === 'GEMINI_API_KEY' ? twoKeys() : undefined;
  return [
    ...(keys === undefined ? [] : [keys]),
    ...(keySource === undefined && profiles.size === 0
      ? ['The worker has no Gemini API key: every upload will fail with MissingCredentialsError.']
      : []),
    ...allowedRoots
      .filter((root) => !existsSync(root))
      .map((root) => `The allowed root ${root} does not exist: no file below it can be uploaded.`),
  ];
}
