/** The worker's settings. Each comes from the first of: option, configuration file, environment. */

import { resolve } from 'node:path';
import type { UploadThrottle } from '../activities/index.js';
import type { Duration } from '../contract/duration.js';
import {
  assertObject,
  findUnknownField,
  optional,
  readOptions,
  type Fields,
  type OutputOf,
} from '../contract/fields.js';
import { invalidOption } from '../contract/invalid-option.js';
import { concealed, string } from '../contract/kinds.js';
import { parseBaseUrl, type GeminiConnection } from '../gemini/index.js';
import { resolveSources, type SourcesConfig } from '../sources/index.js';
import type { SourcesOptions } from '../sources/options.js';
import { isRecord } from '../util/is-record.js';
import {
  apiKeyOption,
  assertKeyMayGoTo,
  checkKey,
  findKey,
  getKey,
  unknownProfile,
  type KeySource,
} from './api-key.js';
import { loadConfig } from './config-file.js';
import { mistakeInBaseUrl } from './mistakes.js';
import { CONFIG_FIELDS, object, TIMEOUT_FIELDS } from './config-fields.js';
import { untrustedStores } from './source-credentials.js';
import { parseLimits, TIERS, type Tier, type WorkerLimits } from './tiers.js';
import { createUploadThrottle } from './upload-throttle.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Options of a worker that runs the activities. Each comes from the first of: option, configuration file,
 * environment.
 */
export interface GeminiFilesOptions {
  /**
   * The API key, or a function that returns it, such as from a secret manager. The function is called for each use, and once more
   * if the provider refuses the key.
   *
   * @default configuration file > `GEMINI_API_KEY` > `GOOGLE_API_KEY`
   */
  readonly apiKey?: string | (() => string | Promise<string>);
  /** Where requests go: a gateway, or the emulator. @default configuration file > `GOOGLE_GEMINI_BASE_URL` > the provider's default */
  readonly baseUrl?: string;
  /** Allows a plain http `baseUrl` that is not on this machine. @default false */
  readonly allowInsecureBaseUrl?: boolean;
  /** Folders below which files may be read; relative paths start at the first. @default configuration file > the working directory */
  readonly allowedRoots?: readonly string[];
  /**
   * Sources of files beside those folders: https origins, S3 buckets, functions. Each replaces the source of its name in the
   * configuration file, of which `https.allowedAddresses` stays unless it is given.
   *
   * @default configuration file > none: an input with `source` fails with `SourceNotAllowedError`
   */
  readonly sources?: SourcesOptions;
  /**
   * The account's tier. It limits concurrent uploads and bandwidth and, in `createGeminiFilesWorker`, the rate of the task queue.
   *
   * @default configuration file > `GEMINI_TIER` > none
   */
  readonly tier?: Tier;
  /** Each overrides one limit of the tier. @default configuration file > the tier's limits */
  readonly limits?: WorkerLimits;
  /**
   * How long an answer to data of a file is waited for, beside one second for each MiB of the request: gateways that buffer a request
   * answer when they have passed it on. 1 s to 1 h.
   *
   * @default configuration file > '2m'
   */
  readonly answerTimeout?: Duration;
  /**
   * Ends what could make no connection to the provider for this long: no name, no route, no server. It holds for an upload without a session, a
   * wait for a file that no check has found yet, and a clean-up that knows nothing of the upload. 1 s to 30 d.
   *
   * @default configuration file > none: it is tried until `uploadTimeout`
   */
  readonly unreachableTimeout?: Duration;
  /** The configuration file. @default the one in the working directory, else the user's; see docs/configuration.md */
  readonly configFile?: string;
}

/** The options of a worker, read and checked. */
export interface Settings {
  /** Where requests go. */
  readonly baseUrl: URL;
  /** Whether the base URL was set, as opposed to the default. */
  readonly baseUrlGiven: boolean;
  /** Folders below which files may be read, as absolute paths. */
  readonly allowedRoots: readonly string[];
  /** The sources of files beside those folders. */
  readonly sources: SourcesConfig;
  /** The account's tier; absent if none is set. */
  readonly tier?: Tier;
  /** The tier's limits, with those that override them. */
  readonly limits: WorkerLimits;
  /** Limits the uploads of all workers that share these settings. */
  readonly throttle: UploadThrottle;
  /** Undefined if there is no key. */
  readonly keySource?: KeySource;
  /** The credentials profiles of the configuration file, by name, with the base URL of each. */
  readonly profiles: ReadonlyMap<string, URL>;
  /** The configuration file's path, if one was found. */
  readonly configPath?: string;
  /**
   * Finds the API key of a credentials profile, or the default one, and returns what requests need. It is
   * called for each use, so that keys can rotate.
   */
  readonly connect: (profile?: string) => Promise<GeminiConnection>;
  /** How long an upload goes on without a connection, in milliseconds; absent for no bound but its own. */
  readonly unreachableTimeoutMs?: number;
}

/**
 * Reads the settings of a worker from its options, the configuration file and the environment.
 *
 * @param given - the worker's options
 * @param env - environment variables
 * @throws InvalidOptionsError for an option that is unknown or has a wrong value, and for a configuration file that cannot be used
 */
export function resolveSettings(given: GeminiFilesOptions = {}, env: Env = process.env): Settings {
  const options = readKnownOptions(given);
  const loaded = loadConfig(options.configFile);
  const { config, path } = loaded;
  // Durations are milliseconds in both.
  const values = { ...config, ...options };
  const { allowInsecureBaseUrl: insecure = false, answerTimeout, unreachableTimeout } = values;
  const tier = values.tier ?? tierOf(env);
  const wantedUrl = values.baseUrl ?? (env.GOOGLE_GEMINI_BASE_URL || undefined);
  const baseUrl = toBaseUrl(wantedUrl, insecure);
  const roots = values.allowedRoots ?? [process.cwd()];
  const limits = parseLimits(tier && TIERS[tier], config.limits, options.limits);
  const own = findKey(options.apiKey, loaded, env);
  if (own && options.baseUrl === undefined) assertKeyMayGoTo(own, loaded, baseUrl);
  const untrusted = untrustedStores(loaded, options.sources, env);
  const named = Object.entries(config.profiles ?? {});
  const profiles = new Map(
    named.map(([name, profile]) => [
      name,
      profile.baseUrl === undefined ? baseUrl : toBaseUrl(profile.baseUrl, insecure),
    ]),
  );
  return {
    baseUrl,
    baseUrlGiven: wantedUrl !== undefined,
    allowedRoots: roots.map((root) => resolve(root)),
    sources: resolveSources(mergeSources(config.sources, options.sources), env, untrusted),
    ...(tier && { tier }),
    limits,
    throttle: createUploadThrottle(limits),
    ...(own && { keySource: own.source }),
    ...(path !== undefined && { configPath: path }),
    profiles,
    ...(unreachableTimeout !== undefined && { unreachableTimeoutMs: unreachableTimeout }),
    connect: async (profile) => {
      const common = {
        allowInsecureBaseUrl: insecure,
        ...(answerTimeout !== undefined && { dataAnswerTimeoutMs: answerTimeout }),
      };
      if (profile === undefined) return { ...common, baseUrl, apiKey: await getKey(own, baseUrl) };
      const url = profiles.get(profile);
      const key = named.find(([name]) => name === profile)?.[1].apiKey;
      if (!url || !key) throw unknownProfile(profile, profiles);
      return {
        ...common,
        baseUrl: url,
        apiKey: checkKey(key, `the profile ${JSON.stringify(profile)}`, url),
      };
    },
  };
}

const { allowInsecureBaseUrl, allowedRoots, tier, limits } = CONFIG_FIELDS;

/** All options: a caller from JavaScript may give anything. What is in the objects is checked where they are read. */
export const OPTIONS = {
  allowInsecureBaseUrl,
  allowedRoots,
  tier,
  limits,
  ...TIMEOUT_FIELDS,
  apiKey: optional(apiKeyOption),
  baseUrl: optional(concealed(string())),
  sources: optional(concealed(object)),
  configFile: optional(concealed(string())),
} satisfies Fields & Record<keyof GeminiFilesOptions, unknown>;

/** The options that are given, by their names: an object of a class can inherit them, as getters do. */
export function pickOptions(given: GeminiFilesOptions): GeminiFilesOptions {
  const names = Object.keys(OPTIONS) as (keyof GeminiFilesOptions)[];
  const entries = names.map((name) => [name, given[name]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Unknown ones are refused: without `allowedRoots`, as if it is misspelt, the working directory may be read. */
function readKnownOptions(given: unknown): OutputOf<typeof OPTIONS> {
  assertObject(given);
  const unknown = findUnknownField(OPTIONS, given);
  if (unknown !== undefined) throw invalidOption(unknown, 'unknown option of the worker');
  return readOptions(OPTIONS, given);
}

function tierOf({ GEMINI_TIER }: Env): Tier | undefined {
  return readOptions({ tier }, { tier: GEMINI_TIER || undefined }).tier;
}

/**
 * By name: the headers of one https source must not go to the origins of another. Only its networks stay, because they are those of the
 * worker.
 */
function mergeSources(
  file: object | undefined,
  given: Readonly<Record<string, unknown>> | undefined,
): object | undefined {
  if (given === undefined) return file;
  const { https } = given;
  const networks = (file as SourcesOptions | undefined)?.https?.allowedAddresses;
  return {
    ...file,
    ...given,
    ...(isRecord(https) && networks && { https: { allowedAddresses: networks, ...https } }),
  };
}

function toBaseUrl(url: string | undefined, insecure: boolean): URL {
  const mistake = url === undefined ? undefined : mistakeInBaseUrl(url);
  if (mistake !== undefined) throw invalidOption('baseUrl', `it ${mistake}`);
  return parseBaseUrl(url, insecure);
}
