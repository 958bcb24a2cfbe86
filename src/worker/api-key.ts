/** The worker's API key: where it is found, where it may be sent, and how a function returns it. */

import { InvalidCredentialsError, MissingCredentialsError } from '../contract/errors.js';
import { invalidOption } from '../contract/invalid-option.js';
import { concealed, kind, type Kind } from '../contract/kinds.js';
import { formatValue, hideKeys } from '../contract/show.js';
import { isLoopback } from '../gemini/index.js';
import { errorMessage } from '../util/error-message.js';
import type { LoadedConfig } from './config-file.js';
import { mistakeInKey } from './mistakes.js';

type Env = Readonly<Record<string, string | undefined>>;

type ApiKey = string | (() => string | Promise<string>);

/** Where a key was found. Does not contain the key. */
export type KeySource = 'option' | 'configuration file' | 'GEMINI_API_KEY' | 'GOOGLE_API_KEY';

/** The worker option `apiKey`. Empty counts as not given. */
export const apiKeyOption: Kind<ApiKey> = concealed({
  ...kind({ type: 'string' }, isApiKey, 'expected a string, or a function that returns it', []),
  read: trimKey,
});

function isApiKey(value: unknown): value is ApiKey {
  return typeof value === 'string' || typeof value === 'function';
}

export interface FoundKey {
  readonly key: ApiKey;
  readonly source: KeySource;
}

/** The key of the first place that has one: option, configuration file, environment. */
export function findKey(
  option: ApiKey | undefined,
  { config }: LoadedConfig,
  env: Env,
): FoundKey | undefined {
  const places: [ApiKey | undefined, KeySource][] = [
    [option, 'option'],
    [config.apiKey, 'configuration file'],
    [trimKey(env.GEMINI_API_KEY), 'GEMINI_API_KEY'],
    [trimKey(env.GOOGLE_API_KEY), 'GOOGLE_API_KEY'],
  ];
  for (const [key, source] of places) if (key) return { key, source };
  return undefined;
}

/**
 * Refuses to send a key from the options or the environment to the `baseUrl` of a file that was discovered in the working directory:
 * the author of that file must not receive this key. The file's own key may be sent there.
 */
export function assertKeyMayGoTo(
  { source }: FoundKey,
  { config, path, discovered }: LoadedConfig,
  baseUrl: URL,
): void {
  if (!discovered || config.baseUrl === undefined || source === 'configuration file' || isLoopback(baseUrl))
    return;
  const key = source === 'option' ? 'of the option apiKey' : `in ${source}`;
  throw invalidOption(
    'baseUrl',
    `${path}, which was discovered and not named, would send the key ${key} to ${baseUrl.origin}. ` +
      `If you want that, name the file (configFile, --config ${path}), set baseUrl as an option, or put the key into the file too`,
  );
}

function trimKey<T>(key: T): T | string {
  return typeof key === 'string' ? key.trim() : key;
}

/** @throws MissingCredentialsError if there is no key, InvalidCredentialsError if it cannot be one */
export async function getKey(found: FoundKey | undefined, baseUrl: URL): Promise<string> {
  // A function of a JavaScript caller may return anything.
  const key: unknown = typeof found?.key === 'function' ? await callForKey(found.key) : found?.key;
  const text = typeof key === 'string' ? key.trim() : '';
  if (!found || !text) throw missingCredentials();
  return checkKey(text, found.source, baseUrl);
}

/** The error of the function goes into a history: remove its stack, its causes, and any Google key. */
async function callForKey(getUserKey: () => unknown): Promise<unknown> {
  try {
    return await getUserKey();
  } catch (error) {
    throw new Error(`The worker's apiKey function failed: ${hideKeys(errorMessage(error))}`);
  }
}

/** Checks that the key can be sent as a header. Otherwise the HTTP layer would fail with the key in its message. */
export function checkKey(key: string, source: string, baseUrl: URL): string {
  // An emulator takes any key.
  const mistake = isLoopback(baseUrl) ? undefined : mistakeInKey(key);
  if (mistake !== undefined)
    throw new InvalidCredentialsError(`The Gemini API key from ${source} ${mistake}`);
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new InvalidCredentialsError(
    `The Gemini API key from ${source} contains characters that a key cannot have, such as a space, a line break or a typographic quote`,
  );
}

/** The error for a worker that has no API key. */
export function missingCredentials(): MissingCredentialsError {
  return new MissingCredentialsError(
    'No Gemini API key. Set the worker option apiKey, apiKey in its configuration file, or the environment variable ' +
      'GEMINI_API_KEY (or GOOGLE_API_KEY). Run temporal-gemini-files doctor to see what the worker finds.',
  );
}

/**
 * The error for a credentials profile that the worker does not have.
 *
 * @param known - the existing profiles, by name
 * @param profile - the name
 */
export function unknownProfile(
  profile: string,
  known: ReadonlyMap<string, unknown>,
): MissingCredentialsError {
  const names = known.size > 0 ? `it has ${[...known.keys()].join(', ')}` : 'it has none';
  return new MissingCredentialsError(
    `No credentials profile ${formatValue(profile)} in the worker's configuration file; ${names}`,
  );
}
