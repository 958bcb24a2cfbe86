/**
 * The options of an upload. To add one: add it to the table here, use it in the workflow (and in the activity's input, if it is for the
 * activity), and run `npm run schemas`, which writes the JSON Schema and the table in docs/options.md. The command line makes its flags of
 * the schema.
 */

import { InvalidOptionsError, UnsupportedProviderError } from './errors.js';
import {
  assertKnownOptions,
  defaulted,
  optional,
  readFields,
  type InputOf,
  type OutputOf,
} from './fields.js';
import { FILE_LIFETIME_MS } from './file.js';
import { boolean, duration, nullable, numberBetween, oneOf, string, text, textOfBytes } from './kinds.js';
import { PROVIDER } from './names.js';
import { shorten, formatValue } from './show.js';
import { sourceAddress } from './source.js';
import { invalidOption, invalidValue } from './invalid-option.js';

/** Bounds of the fields; durations in milliseconds. */
export const BOUNDS = {
  /** The provider's own bound on a display name, in characters. */
  displayNameLength: 512,
  /** The longest `timeout` and wait between checks: the provider's own lifetime of a file. */
  maxTimeout: FILE_LIFETIME_MS,
  /** The shortest wait between two checks. */
  minPollInterval: 100,
  /** The largest `backoffCoefficient`. */
  maxBackoffCoefficient: 100,
  /** Longer than any upload or clean-up that makes sense; what the provider forgets needs no deleting. */
  maxActivityTimeout: FILE_LIFETIME_MS,
  /** The shortest `uploadTimeout` and `cleanupTimeout`. */
  minActivityTimeout: 1000,
  /** Linux's own bound on a path. */
  pathLength: 4096,
  /** Characters in the name of a credentials profile. */
  credentialsLength: 128,
  /** Temporal's own bound on a task queue's name. */
  taskQueueBytes: 1000,
  /** Files of one `uploadAllAndWaitActive`: at 17 events a file that is checked once, two thirds of what a history may hold. */
  files: 2000,
  /** At once; Temporal takes at most 2,000 pending activities a workflow. */
  concurrency: 500,
} as const;

/** Temporal would refuse another name only when an activity is scheduled, which blocks the workflow. */
export const taskQueue = textOfBytes(BOUNDS.taskQueueBytes, [
  (value) => !value.startsWith('/_sys/'),
  "expected a name that does not begin with '/_sys/'",
]);

/** Name of a credentials profile. */
export const credentials = text(BOUNDS.credentialsLength);

/** What Google's page on batch jobs gives for their input (provider fact F-STATE-JSONL). */
const JSONL = 'jsonl';

const MIME_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i;

const mimeType = string([
  (value) => value === JSONL || MIME_TYPE.test(value),
  "expected a MIME type without parameters, such as 'video/mp4'",
]);

const activityTimeout = duration(BOUNDS.minActivityTimeout, BOUNDS.maxActivityTimeout);

export const UPLOAD_FIELDS = {
  /** The file, as the worker that runs the activities sees it; relative to its first allowed root. Required, unless `source` is given. */
  path: optional(text(BOUNDS.pathLength)),
  /**
   * In place of `path`, a file that is on no worker's disk: an `https://` URL, or `NAME:KEY`, where `NAME` is a source that is configured
   * on the worker. Signed URLs, user names and tokens are refused, because inputs are stored in histories.
   */
  source: optional(sourceAddress),
  /** The only provider there is. @default 'google' */
  provider: defaulted(oneOf(PROVIDER), PROVIDER),
  /** Name shown at the provider; by default the file's own name. */
  displayName: optional(text(BOUNDS.displayNameLength)),
  /** MIME type, such as `video/mp4`, without parameters, each part at most 127 characters long, or `jsonl` for the input of a batch job; by default that of the file's name and content. */
  mimeType: optional(mimeType),
  /** How long to wait for ACTIVE, counted from the end of the upload. @default '120s' */
  timeout: defaulted(duration(0, BOUNDS.maxTimeout), '120s'),
  /** First wait between two checks. @default '2s' */
  pollInterval: defaulted(duration(BOUNDS.minPollInterval, BOUNDS.maxTimeout), '2s'),
  /** Cap of the growing wait between two checks, not below `pollInterval`; `null` for no cap. @default '10s' */
  maxPollInterval: defaulted(nullable(duration(BOUNDS.minPollInterval, BOUNDS.maxTimeout)), '10s'),
  /** Growth of the wait from check to check. @default 1.5 */
  backoffCoefficient: defaulted(numberBetween(1, BOUNDS.maxBackoffCoefficient), 1.5),
  /** Each wait is moved by a random time of at most this, up or down. @default '200ms' */
  jitter: defaulted(duration(0, BOUNDS.maxTimeout), '200ms'),
  /** Delete the file on timeout, on failure and on cancellation; `false` keeps it. @default true */
  cleanupOnTimeout: defaulted(boolean, true),
  /** Bound of the whole upload with its retries. @default '2h' */
  uploadTimeout: defaulted(activityTimeout, '2h'),
  /** If the project's file storage is full: fail, or wait and upload again until `uploadTimeout` is over. @default 'fail' */
  onQuotaFull: defaulted(oneOf('fail', 'wait'), 'fail'),
  /** Bound of the compensating delete with its retries. @default '10m' */
  cleanupTimeout: defaulted(activityTimeout, '10m'),
  /** Name of a credentials profile on the worker. */
  credentials: optional(credentials),
  /** Task queue of the activities, for a file that is on one host's disk; by default the workflow's own. It must not begin with `/_sys/`. */
  taskQueue: optional(taskQueue),
};

type Input = InputOf<typeof UPLOAD_FIELDS>;

/** Where the file is: on a worker's disk, or at a source. */
export type FileOrigin = OnDisk | AtSource;

type OnDisk = Required<Pick<Input, 'path'>> & { readonly source?: undefined };
type AtSource = Required<Pick<Input, 'source'>> & { readonly path?: undefined };

/** Input of `uploadAndWaitActive` and `preuploadAndWaitActive`. Durations: milliseconds or a string such as `'90s'`. */
export type UploadOptions = Omit<Input, keyof FileOrigin> & FileOrigin;

/**
 * The input with its defaults; durations in milliseconds. It has either `path` or `source`.
 *
 * @interface
 */
export type ResolvedUploadOptions = OutputOf<typeof UPLOAD_FIELDS>;

/**
 * The options with their defaults filled in.
 *
 * @param input - the options, as a caller gave them
 * @throws InvalidOptionsError that names the field and its value
 * @throws UnsupportedProviderError if `provider` is not `google`
 */
export function resolveUploadOptions(input: unknown): ResolvedUploadOptions {
  assertKnownOptions(UPLOAD_FIELDS, input, 'one object with a path');
  assertOneOrigin(input);
  assertSupportedProvider(input.provider);
  const options = readFields(UPLOAD_FIELDS, input, invalidValue);
  assertCapNotBelowPollInterval(options, input.maxPollInterval);
  return options;
}

/** @throws InvalidOptionsError unless exactly one of `path` and `source` is given */
export function assertOneOrigin({
  path,
  source,
}: {
  readonly path?: unknown;
  readonly source?: unknown;
}): void {
  if ((path === undefined) !== (source === undefined)) return;
  throw new InvalidOptionsError(
    `Invalid options path and source: expected exactly one of them, got ${path === undefined ? 'neither' : 'both'}`,
  );
}

/** @throws UnsupportedProviderError */
export function assertSupportedProvider(provider: unknown): void {
  if (provider === undefined || provider === PROVIDER) return;
  throw new UnsupportedProviderError(
    `Unsupported provider: ${formatValue(provider)}; the only one is '${PROVIDER}'`,
    { provider: typeof provider === 'string' ? shorten(provider) : PROVIDER },
  );
}

/**
 * @param given - `maxPollInterval` as the caller gave it
 * @throws InvalidOptionsError
 */
export function assertCapNotBelowPollInterval(
  { pollInterval, maxPollInterval }: Pick<ResolvedUploadOptions, 'pollInterval' | 'maxPollInterval'>,
  given: unknown,
): void {
  if (maxPollInterval === null || maxPollInterval >= pollInterval) return;
  const got =
    given === undefined
      ? `${formatValue(UPLOAD_FIELDS.maxPollInterval.default)}, its default`
      : formatValue(given);
  throw invalidOption('maxPollInterval', `expected at least pollInterval, or null for no cap, got ${got}`);
}
