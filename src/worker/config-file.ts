/** The worker's configuration file: JSON, found by lilconfig, validated, and never code. */

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { lilconfigSync } from 'lilconfig';
import * as v from 'valibot';
import { InvalidOptionsError } from '../contract/errors.js';
import { TIER_NAMES } from './tiers.js';

const NAME = 'temporal-gemini-files';

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
}

/**
 * The configuration in `file`; without one, the first of `.temporal-gemini-filesrc`, `.temporal-gemini-filesrc.json` and
 * `temporal-gemini-files.config.json` in the working directory or a folder above it, then `config.json` in the user's
 * configuration folder (`$XDG_CONFIG_HOME/temporal-gemini-files`).
 *
 * @throws InvalidOptionsError that names the file and the field; never a key's value
 */
export function loadConfig(file?: string, cwd: string = process.cwd()): LoadedConfig {
  const searchPlaces = [`.${NAME}rc`, `.${NAME}rc.json`, `${NAME}.config.json`];
  const loader = lilconfigSync(NAME, { searchPlaces, loaders: { noExt: parseJson, '.json': parseJson } });
  const users = join(envPaths(NAME, { suffix: '' }).config, 'config.json');
  const found = file
    ? loader.load(resolve(cwd, file))
    : (loader.search(cwd) ?? (existsSync(users) ? loader.load(users) : null));
  if (!found || found.isEmpty) return { config: {} };

  const parsed = v.safeParse(ConfigSchema, found.config);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    // The value is left out: it may be a key.
    throw new InvalidOptionsError(
      `Invalid configuration in ${found.filepath}: ${v.getDotPath(issue) ?? 'the file'}: expected ${issue.expected ?? 'another value'}`,
    );
  }
  const roots = parsed.output.allowedRoots?.map((root) => resolve(dirname(found.filepath), root));
  return { config: { ...parsed.output, ...(roots && { allowedRoots: roots }) }, path: found.filepath };
}

function parseJson(path: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new InvalidOptionsError(`Invalid configuration in ${path}: it is not JSON`);
  }
}
