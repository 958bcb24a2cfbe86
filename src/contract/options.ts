/** Input of the workflows: one definition for the types, the defaults and the validation. */

import * as v from 'valibot';
import { parseDuration, type Duration } from './duration.js';
import { InvalidOptionsError, UnsupportedProviderError } from './errors.js';
import { FILE_LIFETIME_MS } from './file.js';
import { PROVIDER } from './names.js';
import { isSecretName, shorten, show } from './show.js';

const SECOND = 1000;

/** Defaults of the optional fields, in the terms of the input. */
export const DEFAULTS = {
  timeout: '120s',
  pollInterval: '2s',
  maxPollInterval: '10s',
  backoffCoefficient: 1.5,
  jitter: '200ms',
  cleanupOnTimeout: true,
  uploadTimeout: '2h',
  cleanupTimeout: '10m',
} as const;

/** Bounds of the fields; durations in milliseconds. */
export const BOUNDS = {
  /** The provider's own bound on a display name, in characters. */
  displayNameLength: 512,
  maxTimeout: FILE_LIFETIME_MS,
  minPollInterval: 100,
  maxBackoffCoefficient: 100,
  /** Longer than any upload or clean-up that makes sense; what the provider forgets needs no deleting. */
  maxActivityTimeout: FILE_LIFETIME_MS,
  minActivityTimeout: SECOND,
  /** Linux's own bound on a path. */
  pathLength: 4096,
  credentialsLength: 128,
  /** Temporal's own bound on a task queue's name. */
  taskQueueBytes: 1000,
  /** Files of one `uploadAllAndWaitActive`: at 17 events a file that is checked once, two thirds of what a history may hold. */
  files: 2000,
  /** At once; Temporal takes at most 2,000 pending activities a workflow. */
  concurrency: 500,
} as const;

const NUL = String.fromCharCode(0);

// One kind of schema for all types and one of rule for all bounds: each more of valibot's would be in every user's workflow bundle.
const must = v.check;

const string = v.custom<string>((value) => typeof value === 'string', 'expected a string');
const number = v.custom<number>((value) => typeof value === 'number' && !isNaN(value), 'expected a number');
/** True or false. */
export const flag = v.custom<boolean>((value) => typeof value === 'boolean', 'expected true or false');

const between = (min: number, max: number, unit = '') =>
  [
    must((value: number) => value >= min, `expected at least ${min}${unit}`),
    must((value: number) => value <= max, `expected at most ${max}${unit}`),
  ] as const;

const duration = (min: number, max: number) =>
  v.pipe(
    v.custom<Duration>(
      (value) => parseDuration(value) !== undefined,
      "expected a duration: a number of milliseconds or a string such as '90s', not negative",
    ),
    v.transform((value) => parseDuration(value) ?? 0),
    ...between(min, max, ' ms'),
  );

/** Characters are Unicode's code points, as most languages count them. */
const hasAtMost = (max: number) => (value: string) =>
  value.length <= max || (value.length <= 2 * max && [...value].length <= max);

/** A string of 1 to `max` characters that any system can hold: no NUL, no half of a surrogate pair. */
export const text = (max: number) =>
  v.pipe(
    string,
    must((value) => value !== '', 'expected a string that is not empty'),
    must(hasAtMost(max), `expected at most ${max} characters`),
    must((value) => !value.includes(NUL), 'expected no NUL character'),
    must((value) => value.isWellFormed(), 'expected whole Unicode characters'),
  );

/** What Temporal itself would refuse only when an activity is scheduled, which blocks the workflow. */
export const taskQueue = v.pipe(
  text(BOUNDS.taskQueueBytes),
  must(
    (value) => new TextEncoder().encode(value).length <= BOUNDS.taskQueueBytes,
    `expected at most ${BOUNDS.taskQueueBytes} bytes`,
  ),
  must((value) => !value.startsWith('/_sys/'), "expected a name that does not begin with '/_sys/'"),
);

/** Name of a credentials profile. */
export const credentials = text(BOUNDS.credentialsLength);

const MIME_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i;

/** Shape, defaults and bounds of the workflows' input. Unknown fields are refused. */
export const UploadOptionsSchema = v.strictObject({
  path: text(BOUNDS.pathLength),
  provider: v.optional(
    v.custom<typeof PROVIDER>((value) => value === PROVIDER),
    PROVIDER,
  ),
  displayName: v.optional(text(BOUNDS.displayNameLength)),
  mimeType: v.optional(
    v.pipe(
      string,
      must((value) => MIME_TYPE.test(value), "expected a MIME type without parameters, such as 'video/mp4'"),
    ),
  ),
  timeout: v.optional(duration(0, BOUNDS.maxTimeout), DEFAULTS.timeout),
  pollInterval: v.optional(duration(BOUNDS.minPollInterval, BOUNDS.maxTimeout), DEFAULTS.pollInterval),
  maxPollInterval: v.optional(
    v.nullable(duration(BOUNDS.minPollInterval, BOUNDS.maxTimeout)),
    DEFAULTS.maxPollInterval,
  ),
  backoffCoefficient: v.optional(
    v.pipe(number, ...between(1, BOUNDS.maxBackoffCoefficient)),
    DEFAULTS.backoffCoefficient,
  ),
  jitter: v.optional(duration(0, BOUNDS.maxTimeout), DEFAULTS.jitter),
  cleanupOnTimeout: v.optional(flag, DEFAULTS.cleanupOnTimeout),
  uploadTimeout: v.optional(
    duration(BOUNDS.minActivityTimeout, BOUNDS.maxActivityTimeout),
    DEFAULTS.uploadTimeout,
  ),
  cleanupTimeout: v.optional(
    duration(BOUNDS.minActivityTimeout, BOUNDS.maxActivityTimeout),
    DEFAULTS.cleanupTimeout,
  ),
  credentials: v.optional(credentials),
  taskQueue: v.optional(taskQueue),
});

/** Input of `uploadAndWaitActive` and `preuploadAndWaitActive`. Durations: milliseconds or a string such as `'90s'`. */
export interface UploadOptions {
  /** The file, as the worker that runs the activities sees it; relative to its first allowed root. */
  readonly path: string;
  /** @default 'google' */
  readonly provider?: 'google';
  /** Name shown at the provider, at most 512 characters; by default the file's own name. */
  readonly displayName?: string;
  /** Without parameters; by default by the file's extension, else by its content. */
  readonly mimeType?: string;
  /** How long to wait for ACTIVE, counted from the end of the upload; at most 48 hours. @default '120s' */
  readonly timeout?: Duration;
  /** First wait between two checks; at least 100 ms. @default '2s' */
  readonly pollInterval?: Duration;
  /** Cap of the growing interval; null: no cap. Not below `pollInterval`. @default '10s' */
  readonly maxPollInterval?: Duration | null;
  /** Growth of the interval from check to check, 1 to 100. @default 1.5 */
  readonly backoffCoefficient?: number;
  /** Each interval is moved by a random time of at most this, up or down. @default '200ms' */
  readonly jitter?: Duration;
  /** Delete the file on timeout, on failure and on cancellation; false keeps it. @default true */
  readonly cleanupOnTimeout?: boolean;
  /** Bound of the whole upload with its retries, 1 s to 48 h. @default '2h' */
  readonly uploadTimeout?: Duration;
  /** Bound of the compensating delete with its retries, 1 s to 48 h. @default '10m' */
  readonly cleanupTimeout?: Duration;
  /** Name of a credentials profile on the worker. */
  readonly credentials?: string;
  /** Task queue of the activities, for a file that lies on one host's disk; by default the workflow's own. */
  readonly taskQueue?: string;
}

/** The input with its defaults; durations in milliseconds. */
export type ResolvedUploadOptions = v.InferOutput<typeof UploadOptionsSchema>;

/**
 * The options with their defaults filled in.
 *
 * @throws InvalidOptionsError that names the field and its value
 * @throws UnsupportedProviderError where `provider` is not `google`
 */
export function resolveUploadOptions(input: unknown): ResolvedUploadOptions {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InvalidOptionsError(`Invalid options: expected one object with a path, got ${show(input)}`);
  }
  const given = input as Record<string, unknown>;
  const stranger = Object.keys(given).find((field) => !isField(field));
  if (stranger !== undefined) throw unknownField(stranger, given[stranger]);
  const { provider } = given;
  if (provider !== undefined && provider !== PROVIDER) {
    throw new UnsupportedProviderError(
      `Unsupported provider: ${show(provider)}; the only one is '${PROVIDER}'`,
      { provider: typeof provider === 'string' ? shorten(provider) : PROVIDER },
    );
  }
  const parsed = v.safeParse(UploadOptionsSchema, input, { abortPipeEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw invalid(v.getDotPath(issue) ?? 'input', issue.message, given);
  }
  const { pollInterval, maxPollInterval } = parsed.output;
  if (maxPollInterval !== null && maxPollInterval < pollInterval)
    throw invalid('maxPollInterval', 'expected at least pollInterval, or null for no cap', given);
  return parsed.output;
}

/** An own field of the schema: `constructor` and the like are none, although every object has them. */
function isField(field: string): boolean {
  return Object.hasOwn(UploadOptionsSchema.entries, field);
}

function unknownField(field: string, value: unknown): InvalidOptionsError {
  const got = isSecretName(field)
    ? 'its value is not shown: keys are given to the worker, never in the input'
    : `got ${show(value)}`;
  return new InvalidOptionsError(`Invalid option ${shorten(field)}: unknown field, ${got}`);
}

function invalid(field: string, expectation: string, input: Record<string, unknown>): InvalidOptionsError {
  return new InvalidOptionsError(`Invalid option ${field}: ${explain(field, expectation, input)}`);
}

function explain(field: string, expectation: string, input: Record<string, unknown>): string {
  const value = input[field];
  if (value !== undefined) return `${expectation}, got ${show(value)}`;
  // Only a rule between two fields can find fault with a field that was not given.
  const fallback = (DEFAULTS as Record<string, unknown>)[field];
  return fallback === undefined
    ? 'required, got undefined'
    : `${expectation}, got ${show(fallback)}, its default`;
}
