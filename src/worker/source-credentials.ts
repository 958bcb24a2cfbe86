/** Where the S3 credentials of the environment may be sent: the rule for the API key and `baseUrl`, for the endpoints of sources. */

import { invalidOption } from '../contract/invalid-option.js';
import { isLoopback } from '../gemini/index.js';
import { environmentCredentials } from '../sources/index.js';
import { isRecord } from '../util/is-record.js';
import type { LoadedConfig } from './config-file.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The names of the S3 sources that must not get credentials of the environment: those with an `endpoint` in a file that was discovered in
 * the working directory. The author of that file must not receive them. The file's own credentials may be sent there.
 *
 * @param given - the option `sources`, which replaces sources of the file
 * @throws InvalidOptionsError if there are such credentials
 */
export function untrustedStores(
  { config, path, discovered }: LoadedConfig,
  given: unknown,
  env: Env,
): ReadonlySet<string> {
  if (!discovered) return new Set();
  const inForce = { ...config.sources, ...(isRecord(given) && given) };
  const stores = Object.entries(config.sources ?? {}).flatMap(([name, source]: [string, unknown]) => {
    const endpoint = inForce[name] === source ? endpointWithoutCredentials(source) : undefined;
    return endpoint === undefined ? [] : [{ name, endpoint }];
  });
  const [first] = stores;
  if (first && environmentCredentials(env))
    throw invalidOption(
      `sources.${first.name}.endpoint`,
      `${path}, which was discovered and not named, would send the credentials in AWS_ACCESS_KEY_ID to ${first.endpoint.origin}. ` +
        `If you want that, name the file (configFile, --config ${path}), set sources.${first.name} as an option, or put the credentials into the file too`,
    );
  return new Set(stores.map(({ name }) => name));
}

/** Undefined for what is no such source, and for this machine. */
function endpointWithoutCredentials(source: unknown): URL | undefined {
  if (!isRecord(source) || source.credentials !== undefined || typeof source.endpoint !== 'string')
    return undefined;
  const endpoint = new URL(source.endpoint);
  return isLoopback(endpoint) ? undefined : endpoint;
}
