/** The options of a wait for a file that somebody else uploaded. `npm run schemas` makes the JSON Schema and the flags of them. */

import {
  assertKnownOptions,
  defaulted,
  optional,
  readFields,
  required,
  type InputOf,
  type OutputOf,
} from './fields.js';
import { fileName } from './file-name.js';
import { boolean } from './kinds.js';
import { assertCapNotBelowPollInterval, credentials, taskQueue, UPLOAD_FIELDS } from './options.js';
import { invalidValue } from './invalid-option.js';

const { timeout, pollInterval, maxPollInterval, backoffCoefficient, jitter, cleanupTimeout } = UPLOAD_FIELDS;

export const WAIT_FIELDS = {
  /** The file's name at the provider: `files/` and 1 to 64 of `a-z`, `0-9` and dashes. */
  id: required(fileName),
  /** How long to wait for ACTIVE, counted from when a worker begins the wait. @default '120s' */
  timeout,
  /** First wait between two checks; the first check comes at once. @default '2s' */
  pollInterval,
  /** Cap of the growing wait between two checks, not below `pollInterval`; `null` for no cap. @default '10s' */
  maxPollInterval,
  /** Growth of the wait from check to check. @default 1.5 */
  backoffCoefficient,
  /** Each wait is moved by a random time of at most this, up or down. @default '200ms' */
  jitter,
  /** Delete the file on timeout, on failure and on cancellation. By default it is kept, because the run did not upload it. @default false */
  cleanupOnTimeout: defaulted(boolean, false),
  /** Bound of the compensating delete with its retries. @default '10m' */
  cleanupTimeout,
  /** Name of a credentials profile on the worker; its API key has to be of the project that the file belongs to. */
  credentials: optional(credentials),
  /** Task queue of the activities; by default the workflow's own. It must not begin with `/_sys/`. */
  taskQueue: optional(taskQueue),
};

/**
 * Input of `waitActive`. Durations: milliseconds or a string such as `'90s'`.
 *
 * @interface
 */
export type WaitOptions = InputOf<typeof WAIT_FIELDS>;

/**
 * The input with its defaults; durations in milliseconds.
 *
 * @interface
 */
export type ResolvedWaitOptions = OutputOf<typeof WAIT_FIELDS>;

/**
 * The options with their defaults filled in.
 *
 * @param input - the options, as a caller gave them
 * @throws InvalidOptionsError that names the field and its value
 */
export function resolveWaitOptions(input: unknown): ResolvedWaitOptions {
  assertKnownOptions(WAIT_FIELDS, input, 'one object with an id');
  const options = readFields(WAIT_FIELDS, input, invalidValue);
  assertCapNotBelowPollInterval(options, input.maxPollInterval);
  return options;
}
