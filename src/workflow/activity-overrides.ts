/** The activity options that a caller lays over this package's, in Temporal's own terms. */

import { compileRetryPolicy, type RetryPolicy } from '@temporalio/common';
import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import { parseDuration } from '../contract/duration.js';
import type { InvalidOptionsError } from '../contract/errors.js';
import { taskQueue } from '../contract/options.js';
import { invalidValue } from '../contract/invalid-option.js';
import { errorMessage } from '../util/error-message.js';
import { isRecord } from '../util/is-record.js';

/** Temporal's own activity options, laid over this package's. */
export interface ActivityOverrides {
  /** The workflow always waits for a cancelled upload: one that continues could create its file after the delete. */
  readonly upload?: Omit<ActivityOptions, 'cancellationType'>;
  /** Options of `geminiFilesCheck`. */
  readonly check?: ActivityOptions;
  /** Options of `geminiFilesDelete`. */
  readonly delete?: ActivityOptions;
}

const ACTIVITIES = ['upload', 'check', 'delete'] as const;

/** What Temporal's whole seconds and nanoseconds can hold, by far. */
const MAX_TIMEOUT_MS = 10 * 366 * 24 * 3600 * 1000;
const MAX_INT32 = 2 ** 31 - 1;
/** Temporal's own bounds, in bytes. */
const MAX_ACTIVITY_ID = 1000;
const MAX_FAIRNESS_KEY = 64;

type Rule = readonly [accepts: (value: unknown) => boolean, expectation: string];

const timeout: Rule = [isTimeout, 'expected a duration above 0, of ten years at most'];
const wholeNumber = (min: number): Rule => [
  (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= MAX_INT32,
  `expected a whole number from ${min} to ${MAX_INT32}`,
];
const number = (min: number): Rule => [
  (value) => Number.isFinite(value) && Number(value) >= min,
  `expected a number of at least ${min}`,
];
const name = (bytes: number): Rule => [
  (value) => typeof value === 'string' && new TextEncoder().encode(value).length <= bytes,
  `expected a string of at most ${bytes} bytes`,
];
const oneOf = (values: readonly unknown[]): Rule => [
  (value) => values.includes(value),
  `expected one of ${values.join(', ')}`,
];

/** The options that Temporal refuses if they are wrong, by the object that they are in. It ignores others. */
const RULES: Readonly<Record<'' | 'retry' | 'priority', Readonly<Record<string, Rule>>>> = {
  '': {
    scheduleToCloseTimeout: timeout,
    startToCloseTimeout: timeout,
    scheduleToStartTimeout: timeout,
    heartbeatTimeout: timeout,
    taskQueue: [(value) => taskQueue.mismatch(value) === undefined, 'expected a name'],
    activityId: name(MAX_ACTIVITY_ID),
    cancellationType: oneOf(Object.values(ActivityCancellationType)),
    versioningIntent: oneOf(['COMPATIBLE', 'DEFAULT']),
    retry: [isRecord, 'expected an object'],
    priority: [isRecord, 'expected an object'],
  },
  retry: {
    initialInterval: timeout,
    maximumInterval: timeout,
    backoffCoefficient: number(1),
    maximumAttempts: [(value) => value === Infinity || wholeNumber(1)[0](value), wholeNumber(1)[1]],
    nonRetryableErrorTypes: [
      (value) => Array.isArray(value) && value.every((type) => typeof type === 'string'),
      'expected a list of strings',
    ],
  },
  priority: { priorityKey: wholeNumber(0), fairnessKey: name(MAX_FAIRNESS_KEY), fairnessWeight: number(0) },
};

/**
 * The overrides without what is not set. They may come off the wire, and what Temporal would refuse when an activity is
 * scheduled would block the workflow instead of failing it.
 *
 * @throws InvalidOptionsError
 */
export function parseOverrides(given: unknown): ActivityOverrides {
  if (given === undefined || given === null) return {};
  if (!isRecord(given)) throw invalid('', 'expected an object', given);
  for (const name of Object.keys(given)) {
    if (!(ACTIVITIES as readonly string[]).includes(name))
      throw invalid(`.${name}`, `expected one of ${ACTIVITIES.join(', ')}`, given[name]);
  }
  return Object.fromEntries(
    ACTIVITIES.filter((name) => given[name] !== undefined).map((name) => [name, checked(name, given[name])]),
  );
}

/**
 * Two activities that are open at a time cannot have one id: Temporal refuses the second, and the workflow task that schedules it is
 * repeated without end.
 *
 * @throws InvalidOptionsError
 */
export function refuseActivityIds(overrides: ActivityOverrides): void {
  for (const activity of ACTIVITIES) {
    const id = overrides[activity]?.activityId;
    if (id !== undefined)
      throw invalid(`.${activity}.activityId`, 'expected none for files that are uploaded side by side', id);
  }
}

function checked(activity: string, given: unknown): ActivityOptions {
  if (!isRecord(given)) throw invalid(`.${activity}`, 'expected an object', given);
  const options = checkFields(`.${activity}`, given, RULES['']);
  const { retry, priority } = options;
  return {
    ...options,
    ...(isRecord(retry) && { retry: checkRetry(`.${activity}.retry`, retry) }),
    ...(isRecord(priority) && {
      priority: checkFields(`.${activity}.priority`, priority, RULES.priority),
    }),
  };
}

/** @returns the fields that are set */
function checkFields(
  at: string,
  given: Record<string, unknown>,
  rules: Readonly<Record<string, Rule>>,
): Record<string, unknown> {
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value != null));
  for (const [field, [accepts, expectation]] of Object.entries(rules)) {
    const value = options[field];
    if (value !== undefined && !accepts(value)) throw invalid(`${at}.${field}`, expectation, value);
  }
  return options;
}

function checkRetry(at: string, given: Record<string, unknown>): RetryPolicy {
  const retry: RetryPolicy = checkFields(at, given, RULES.retry);
  try {
    // The rule between its fields is Temporal's own.
    compileRetryPolicy(retry);
  } catch (error) {
    throw invalid(at, errorMessage(error), given);
  }
  return retry;
}

export function isTimeout(value: unknown): boolean {
  const ms = parseDuration(value);
  return ms !== undefined && ms > 0 && ms <= MAX_TIMEOUT_MS;
}

function invalid(at: string, expectation: string, value: unknown): InvalidOptionsError {
  return invalidValue(`activityOptions${at}`, expectation, value);
}
