/** Loads the worker's configuration file: validated JSON, never code. */

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { InvalidOptionsError } from '../contract/errors.js';
import { userFolder } from '../util/user-folder.js';
import { readDiscovered } from './discovered-config.js';
import { LimitsSchema, TIER_NAMES } from './tiers.js';

const NAME = 'temporal-gemini-files';

const PLACES = [`.${NAME}rc`, `.${NAME}rc.json`, `${NAME}.config.json`];

const key = v.pipe(v.string(), v.trim(), v.nonEmpty());

const ConfigSchema = v.strictObject({
  /** The Gemini API key. */
  apiKey: v.optional(key),
  /** Replaces the provider's address. */
  baseUrl: v.optional(v.string()),
  /** Allows plain http to a host other than this machine. */
  allowInsecureBaseUrl: v.optional(v.boolean()),
  /** Folders below which files may be read; relative to the configuration file. */
  allowedRoots: v.optional(v.array(v.pipe(v.string(), v.nonEmpty()))),
  /** The account's tier: the worker's rate limits. */
  tier: v.optional(v.picklist(TIER_NAMES)),
  /** Each overrides one limit of the tier. */
  limits: v.optional(LimitsSchema),
  /** More keys; `credentials` in the input selects one by its name. */
  profiles: v.optional(
    v.record(v.string(), v.strictObject({ apiKey: key, baseUrl: v.optional(v.string()) })),
  ),
});

export type Config = v.InferOutput<typeof ConfigSchema>;

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

  const parsed = v.safeParse(ConfigSchema, parseJson(found));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    // The value is left out: it may be a key.
    const field = v.getDotPath(issue);
    const { type } = issue;
    const expected =
      type === 'strict_object' && issue.expected === 'never'
        ? 'no such field'
        : (EXPECTED[type] ?? issue.expected);
    throw invalid(path, `${field ?? 'the file'}: expected ${expected ?? 'another value'}`);
  }
  const roots = parsed.output.allowedRoots?.map((root) => resolve(dirname(path), root));
  return {
    config: { ...parsed.output, ...(roots && { allowedRoots: roots }) },
    path,
    ...(found.discovered && { discovered: true }),
  };
}

/** Replaces valibot's `expected` if that is not clear. */
const EXPECTED: Readonly<Record<string, string>> = { non_empty: 'a value that is not empty' };

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
