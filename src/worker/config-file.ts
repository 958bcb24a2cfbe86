/** Loads the worker's configuration file: validated JSON, never code. */

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InvalidOptionsError } from '../contract/errors.js';
import { optional, readKnownFields, required, type Fields, type OutputOf } from '../contract/fields.js';
import { boolean, kind, oneOf, string } from '../contract/kinds.js';
import { resolveSources } from '../sources/index.js';
import { errorMessage } from '../util/error-message.js';
import { isRecord } from '../util/is-record.js';
import { userFolder } from '../util/user-folder.js';
import { readDiscovered } from './discovered-config.js';
import { LIMIT_FIELDS, TIER_NAMES, type WorkerLimits } from './tiers.js';

const NAME = 'temporal-gemini-files';

const PLACES = [`.${NAME}rc`, `.${NAME}rc.json`, `${NAME}.config.json`];

const key = {
  ...string([(value) => value.trim() !== '', 'expected a value that is not empty']),
  read: (value: string) => value.trim(),
};
const object = kind({ type: 'object' }, isRecord, 'expected an object', []);
const folders = kind({ type: 'array' }, areTexts, 'expected a list of folders', []);

const CONFIG_FIELDS = {
  /** The Gemini API key. */
  apiKey: optional(key),
  /** Replaces the provider's address. */
  baseUrl: optional(string()),
  /** Allows plain http to a host other than this machine. */
  allowInsecureBaseUrl: optional(boolean),
  /** Folders below which files may be read; relative to the configuration file. */
  allowedRoots: optional(folders),
  /** Sources of files beside those folders, by name: https origins and S3 buckets. */
  sources: optional(object),
  /** The account's tier: the worker's rate limits. */
  tier: optional(oneOf(...TIER_NAMES)),
  /** Each overrides one limit of the tier. */
  limits: optional(object),
  /** More keys; `credentials` in the input selects one by its name. */
  profiles: optional(object),
};

const PROFILE_FIELDS = { apiKey: required(key), baseUrl: optional(string()) };

export interface Config extends Omit<OutputOf<typeof CONFIG_FIELDS>, 'limits' | 'profiles'> {
  readonly limits?: WorkerLimits;
  readonly profiles?: Readonly<Record<string, OutputOf<typeof PROFILE_FIELDS>>>;
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
}

export interface LoadedConfig {
  readonly config: Config;
  /** The file's path; undefined if there is none. */
  readonly path?: string;
  /** Whether it was found in the working directory without being named: a cloned repository may contain it. */
  readonly discovered?: boolean;
}

/**
 * The configuration in `file`. If no file is named: the one in the working directory (`.temporal-gemini-filesrc`,
 * `.temporal-gemini-filesrc.json` or `temporal-gemini-files.config.json`), else `config.json` in the user's configuration folder
 * (`$XDG_CONFIG_HOME/temporal-gemini-files`).
 *
 * @throws InvalidOptionsError that names the file and the field, never a key's value; also for a file that was not named and that
 *   another user could have written
 */
export function loadConfig(file?: string, cwd: string = process.cwd()): LoadedConfig {
  const found = findConfig(file, cwd);
  if (!found) return { config: {} };
  const { path } = found;

  const { allowedRoots, ...config } = readConfig(path, parseJson(found));
  return {
    config: {
      ...config,
      ...(allowedRoots && { allowedRoots: allowedRoots.map((root) => resolve(dirname(path), root)) }),
    },
    path,
    ...(found.discovered && { discovered: true }),
  };
}

function readConfig(path: string, json: unknown): Config {
  const { limits, profiles, ...config } = readObject(path, CONFIG_FIELDS, json);
  if (config.sources) checkSources(path, config.sources);
  const named = Object.entries(profiles ?? {}).map(([name, profile]) => [
    name,
    readObject(path, PROFILE_FIELDS, profile, `profiles.${name}`),
  ]);
  return {
    ...config,
    ...(limits && { limits: readObject(path, LIMIT_FIELDS, limits, 'limits') }),
    ...(profiles && { profiles: Object.fromEntries(named) as Config['profiles'] & object }),
  };
}

function checkSources(path: string, sources: object): void {
  try {
    resolveSources(sources);
  } catch (error) {
    // Its message names the field, and no value that can be a secret.
    throw invalid(path, errorMessage(error).replace(/^Invalid option /, ''));
  }
}

/** @param at - where in the file the object is */
function readObject<F extends Fields>(path: string, fields: F, given: unknown, at = ''): OutputOf<F> {
  if (!isRecord(given)) throw invalid(path, `${at || 'the file'}: expected an object`);
  // The value is left out: it may be a key.
  return readKnownFields(fields, given, (field, expectation) =>
    invalid(path, `${at && `${at}.`}${field}: ${expectation}`),
  );
}

function invalid(path: string, what: string): InvalidOptionsError {
  return new InvalidOptionsError(`Invalid configuration in ${path}: ${what}`);
}

interface FoundFile {
  readonly path: string;
  readonly content: string;
  readonly discovered: boolean;
}

function findConfig(file: string | undefined, cwd: string): FoundFile | undefined {
  if (file !== undefined) {
    const path = resolve(cwd, file);
    // A file that is named is trusted, and can be a pipe.
    return { path, content: read(path, () => readFileSync(path, 'utf8')), discovered: false };
  }
  const userConfig = userConfigPath();
  const places = [
    ...PLACES.map((name) => ({ path: join(cwd, name), discovered: true })),
    ...(userConfig === undefined ? [] : [{ path: userConfig, discovered: false }]),
  ];
  for (const { path, discovered } of places) {
    const content = read(path, () => readDiscovered(path));
    if (content !== undefined) return { path, content, discovered };
  }
  return undefined;
}

function userConfigPath(): string | undefined {
  try {
    return join(userFolder('config', process.env), 'config.json');
  } catch {
    return undefined; // A user without a home folder has no configuration folder.
  }
}

function read<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new InvalidOptionsError(`The configuration file ${path} can't be read (${code})`, { cause: error });
  }
}

function parseJson({ path, content }: FoundFile): unknown {
  if (content.trim() === '') throw invalid(path, 'it is empty');
  try {
    return JSON.parse(content);
  } catch {
    throw invalid(path, 'it is not JSON');
  }
}
