/** Where the S3 credentials of the environment may be sent: the rule for the API key and `baseUrl`, for the endpoints of sources. */

import type { InvalidOptionsError } from '../contract/errors.js';
import { invalidOption } from '../contract/invalid-option.js';
import { isLoopback } from '../gemini/index.js';
import { environmentCredentials, type SourcesConfig } from '../sources/index.js';
import { isRecord } from '../util/is-record.js';
import type { LoadedConfig } from './config-file.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The S3 sources that must not get credentials of the environment: those with an `endpoint` in a file that was discovered in
 * the working directory. The author of that file must not receive them. The file's own credentials may be sent there.
 *
 * @param given - the option `sources`, which replaces sources of the file
 * @returns by name, why a file of the source cannot be read; undefined if there are no such credentials
 */
export function untrustedStores(
  { config, path, discovered }: LoadedConfig,
  given: unknown,
  env: Env,
): ReadonlyMap<string, InvalidOptionsError | undefined> {
  if (!discovered) return new Map();
  const inForce = { ...config.sources, ...(isRecord(given) && given) };
  const stores = Object.entries(config.sources ?? {}).flatMap(([name, source]: [string, unknown]) => {
    const endpoint = inForce[name] === source ? endpointWithoutCredentials(source) : undefined;
    return endpoint === undefined ? [] : [{ name, endpoint }];
  });
  const there = environmentCredentials(env) !== undefined;
  return new Map(
    stores.map(({ name, endpoint }) => [name, there ? refusal(name, endpoint, path) : undefined]),
  );
}

function refusal(name: string, endpoint: URL, path: string | undefined): InvalidOptionsError {
  return invalidOption(
    `sources.${name}.endpoint`,
    `${path}, which was discovered and not named, would send the credentials in AWS_ACCESS_KEY_ID to ${endpoint.origin}. ` +
      `If you want that, name the file (configFile, --config ${path}), set sources.${name} as an option, or put the credentials into the file too`,
  );
}

/**
 * For a worker, which reads whatever its tasks name: it must not start only to refuse some of its tasks later. A command that reads no file of the
 * source goes on.
 *
 * @throws InvalidOptionsError if a source must not get the credentials of the environment, and there are some
 */
export function assertTrustedStores({ named }: SourcesConfig): void {
  for (const source of named.values()) if (source.type === 's3' && source.refusal) throw source.refusal;
}

/** Undefined for what is not such a source, and for this machine. With the bucket in its name, a host is another one. */
function endpointWithoutCredentials(source: unknown): URL | undefined {
  if (!isRecord(source) || source.credentials !== undefined || typeof source.endpoint !== 'string')
    return undefined;
  const endpoint = new URL(source.endpoint);
  return isLoopback(endpoint) && source.forcePathStyle !== false ? undefined : endpoint;
}
