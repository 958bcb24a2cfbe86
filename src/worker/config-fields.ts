/** The fields of the configuration file, of which `npm run schemas` makes the JSON Schema for editors. */

import { optional, required, type InputOf } from '../contract/fields.js';
import { boolean, duration, kind, oneOf, string } from '../contract/kinds.js';
import { isRecord } from '../util/is-record.js';
import { TIER_NAMES } from './tiers.js';

const key = {
  ...string([(value) => value.trim() !== '', 'expected a value that is not empty']),
  read: (value: string) => value.trim(),
};
/** An object with named fields, which are checked where it is read. */
export const object = kind({ type: 'object' }, isRecord, 'expected an object', []);
const folders = kind(
  { type: 'array', items: { type: 'string', minLength: 1 } },
  areTexts,
  'expected a list of folders',
  [],
);

const HOUR_MS = 3_600_000;

export const TIMEOUT_FIELDS = {
  /** How long an answer to data is waited for, beside a second for each MiB of the request. */
  answerTimeout: optional(duration(1000, HOUR_MS)),
  /** Ends an upload for which no connection to the provider could be made for this long. */
  unreachableTimeout: optional(duration(1000, 720 * HOUR_MS)),
};

export const CONFIG_FIELDS = {
  /** Where an editor finds this schema; not read. */
  $schema: optional(string()),
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
  ...TIMEOUT_FIELDS,
  /** More keys; `credentials` in the input selects one by its name. */
  profiles: optional(object),
};

export const PROFILE_FIELDS = {
  /** The Gemini API key of the profile. */
  apiKey: required(key),
  /** Replaces the worker's base URL. */
  baseUrl: optional(string()),
};

/** The configuration file of a worker. */
export type ConfigFile = InputOf<typeof CONFIG_FIELDS>;

/** A credentials profile. */
export type ProfileInFile = InputOf<typeof PROFILE_FIELDS>;

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
}
