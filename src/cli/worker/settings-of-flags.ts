/** The settings of a worker, of its flags. */

import { InvalidOptionsError } from '../../contract/errors.js';
import { parseInvalidOption } from '../../contract/invalid-option.js';
import { errorMessage } from '../../util/error-message.js';
import { resolveSettings, type GeminiFilesOptions, type Settings } from '../../worker/options.js';
import { ORIGIN_FLAG, type WorkerFlags } from './flags.js';

export function toWorkerOptions({ allowRoot, allowOrigin, tier, config }: WorkerFlags): GeminiFilesOptions {
  return {
    ...(allowRoot && { allowedRoots: allowRoot }),
    ...(allowOrigin && { sources: { https: { allowedOrigins: allowOrigin } } }),
    ...(tier && { tier }),
    ...(config && { configFile: config }),
  };
}

const ORIGINS = 'sources.https.allowedOrigins';

/** The value of a flag is invalid. The message names the flag instead of the option. In JSON, its type is `InvalidOptionsError`. */
export class InvalidFlagError extends InvalidOptionsError {}

/**
 * The settings of a worker with these flags.
 *
 * @param options - of `toWorkerOptions`
 * @throws InvalidFlagError about `--allow-origin`
 * @throws InvalidOptionsError about anything else
 */
export function settingsOf(options: GeminiFilesOptions): Settings {
  try {
    return resolveSettings(options);
  } catch (error) {
    const { option = '', mistake } = parseInvalidOption(errorMessage(error)) ?? {};
    // Without `options.sources` the flag was not given, and the option is in the configuration file.
    if (!options.sources || !option.startsWith(ORIGINS)) throw error;
    const flag = option.replace(ORIGINS, ORIGIN_FLAG);
    throw new InvalidFlagError(`Invalid flag ${flag}: ${mistake}`, { cause: error });
  }
}
