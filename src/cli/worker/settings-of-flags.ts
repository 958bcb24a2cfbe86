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
 * @throws InvalidFlagError about `--allow-root` and `--allow-origin`
 * @throws InvalidOptionsError about anything else
 */
export function settingsOf(options: GeminiFilesOptions): Settings {
  try {
    return resolveSettings(options);
  } catch (error) {
    const { option = '', mistake } = parseInvalidOption(errorMessage(error)) ?? {};
    const flag = flagOf(option, options);
    if (flag === undefined) throw error;
    throw new InvalidFlagError(`Invalid flag ${flag}: ${mistake}`, { cause: error });
  }
}

/** If the option was not given by a flag, it is in the configuration file. */
function flagOf(option: string, { allowedRoots, sources }: GeminiFilesOptions): string | undefined {
  if (allowedRoots && option === 'allowedRoots') return '--allow-root';
  return sources && option.startsWith(ORIGINS) ? option.replace(ORIGINS, ORIGIN_FLAG) : undefined;
}
