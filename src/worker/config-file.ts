/** Loads the worker's configuration file: validated JSON, never code. */

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InvalidOptionsError } from '../contract/errors.js';
import { parseInvalidOption } from '../contract/invalid-option.js';
import { readKnownFields, type Fields, type OutputOf } from '../contract/fields.js';
import { resolveSources } from '../sources/index.js';
import { errorMessage } from '../util/error-message.js';
import { isRecord } from '../util/is-record.js';
import { decodeText } from '../util/decode-text.js';
import { userFolder } from '../util/user-folder.js';
import { CONFIG_FIELDS, PROFILE_FIELDS } from './config-fields.js';
import { readDiscovered } from './discovered-config.js';
import { LIMIT_FIELDS, type WorkerLimits } from './tiers.js';

const NAME = 'temporal-gemini-files';

const PLACES = [`.${NAME}rc`, `.${NAME}rc.json`, `${NAME}.config.json`];

export interface Config extends Omit<OutputOf<typeof CONFIG_FIELDS>, '$schema' | 'limits' | 'profiles'> {
  readonly limits?: WorkerLimits;
  readonly profiles?: Readonly<Record<string, OutputOf<typeof PROFILE_FIELDS>>>;
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
  // For editors only.
  delete config.$schema;
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
    const message = errorMessage(error);
    const { option, mistake } = parseInvalidOption(message) ?? {};
    throw invalid(path, option === undefined ? message : `${option}: ${mistake}`);
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
    return { path, content: read(path, () => decodeText(readFileSync(path))), discovered: false };
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
