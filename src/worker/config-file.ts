/** The worker's configuration file: JSON, validated, and never code. */

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import * as v from 'valibot';
import { InvalidOptionsError } from '../contract/errors.js';
import { readFound, searchUpwards, type FoundFile } from './config-search.js';
import { LimitsSchema, TIER_NAMES } from './tiers.js';

const NAME = 'temporal-gemini-files';

const PLACES = [`.${NAME}rc`, `.${NAME}rc.json`, `${NAME}.config.json`];

const key = v.pipe(v.string(), v.trim(), v.nonEmpty());

const ConfigSchema = v.strictObject({
  /** The Gemini API key. */
  apiKey: v.optional(key),
  /** In place of the provider's own address. */
  baseUrl: v.optional(v.string()),
  /** Allows plain http to another machine. */
  allowInsecureBaseUrl: v.optional(v.boolean()),
  /** Folders below which files may be read; relative to the configuration file. */
  allowedRoots: v.optional(v.array(v.pipe(v.string(), v.nonEmpty()))),
  /** The account's tier: the worker's rate limits. */
  tier: v.optional(v.picklist(TIER_NAMES)),
  /** In place of the tier's own, one by one. */
  limits: v.optional(LimitsSchema),
  /** Further keys, by the name that `credentials` in the input picks. */
  profiles: v.optional(
    v.record(v.string(), v.strictObject({ apiKey: key, baseUrl: v.optional(v.string()) })),
  ),
});

export type Config = v.InferOutput<typeof ConfigSchema>;

export interface LoadedConfig {
  readonly config: Config;
  /** The file's path; undefined where none was found. */
  readonly path?: string;
  /** Whether it lay in or above the working directory, and nobody named it: a checkout of anybody's may have brought it. */
  readonly cameAlong?: boolean;
}

/**
 * The configuration in `file`; without one, the first of `.temporal-gemini-filesrc`, `.temporal-gemini-filesrc.json` and
 * `temporal-gemini-files.config.json` in the working directory or a folder above it, then `config.json` in the user's
 * configuration folder (`$XDG_CONFIG_HOME/temporal-gemini-files`).
 *
 * @throws InvalidOptionsError that names the file and the field, never a key's value; and for a file that was found and that
 *   somebody else could have written
 */
export function loadConfig(file?: string, cwd: string = process.cwd()): LoadedConfig {
  const users = join(envPaths(NAME, { suffix: '' }).config, 'config.json');
  const found = reading(file, () =>
    file === undefined ? (searchUpwards(cwd, PLACES) ?? readFound(users)) : named(resolve(cwd, file)),
  );
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
    ...(file === undefined && path !== users && { cameAlong: true }),
  };
}

/** Where valibot's own word for what it expected says little. */
const EXPECTED: Readonly<Record<string, string>> = { non_empty: 'a value that is not empty' };

function invalid(path: string, what: string): InvalidOptionsError {
  return new InvalidOptionsError(`Invalid configuration in ${path}: ${what}`);
}

/** Whoever names a file trusts it, and may name a pipe. */
const named = (path: string): FoundFile => ({ path, content: readFileSync(path, 'utf8') });

/** A file that can't be read is an error of the options, also where it was found and not named. */
function reading<T>(file: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code, path = file } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new InvalidOptionsError(`The configuration file ${path ?? ''} can't be read (${code})`, {
      cause: error,
    });
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
