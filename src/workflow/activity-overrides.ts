/** The activity options that a caller lays over this package's, in Temporal's own terms. */

import { compileRetryPolicy } from '@temporalio/common';
import type { ActivityOptions } from '@temporalio/workflow';
import * as v from 'valibot';
import { parseDuration } from '../contract/duration.js';
import { InvalidOptionsError } from '../contract/errors.js';
import { taskQueue } from '../contract/options.js';
import { show } from '../contract/show.js';

/** Temporal's own activity options, laid over this package's. */
export interface ActivityOverrides {
  /** A cancelled upload is always waited for: one that goes on could finish its file after the delete. */
  readonly upload?: Omit<ActivityOptions, 'cancellationType'>;
  readonly check?: ActivityOptions;
  readonly delete?: ActivityOptions;
}

const ACTIVITIES = ['upload', 'check', 'delete'] as const;
const TIMEOUTS = [
  'scheduleToCloseTimeout',
  'startToCloseTimeout',
  'scheduleToStartTimeout',
  'heartbeatTimeout',
] as const;

/**
 * The overrides without what is not set. They may come off the wire, and what Temporal would refuse when an activity is
 * scheduled would block the workflow instead of failing it.
 *
 * @throws InvalidOptionsError
 */
export function checkedOverrides(given: unknown): ActivityOverrides {
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw invalid('', 'expected an object', given);
  for (const name of Object.keys(given)) {
    if (!(ACTIVITIES as readonly string[]).includes(name))
      throw invalid(`.${name}`, `expected one of ${ACTIVITIES.join(', ')}`, given[name]);
  }
  return Object.fromEntries(
    ACTIVITIES.filter((name) => given[name] !== undefined).map((name) => [name, checked(name, given[name])]),
  );
}

function checked(name: string, given: unknown): ActivityOptions {
  if (!isObject(given)) throw invalid(`.${name}`, 'expected an object', given);
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value != null));
  for (const field of TIMEOUTS) {
    const value = options[field];
    if (value !== undefined && !isTimeout(value))
      throw invalid(`.${name}.${field}`, 'expected a duration above 0, of ten years at most', value);
  }
  if (options.taskQueue !== undefined && !v.safeParse(taskQueue, options.taskQueue).success)
    throw invalid(`.${name}.taskQueue`, 'expected a name', options.taskQueue);
  if (options.retry !== undefined) checkRetry(`.${name}.retry`, options.retry);
  return options;
}

/** What Temporal's whole seconds and nanoseconds can hold, by far. */
const MAX_TIMEOUT_MS = 10 * 366 * 24 * 3600 * 1000;

export function isTimeout(value: unknown): boolean {
  const ms = parseDuration(value);
  return ms !== undefined && ms > 0 && ms <= MAX_TIMEOUT_MS;
}

function checkRetry(at: string, retry: unknown): void {
  if (!isObject(retry)) throw invalid(at, 'expected an object', retry);
  try {
    compileRetryPolicy(retry);
  } catch (error) {
    throw invalid(at, error instanceof Error ? error.message : 'expected a retry policy', retry);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(at: string, expectation: string, value: unknown): InvalidOptionsError {
  return new InvalidOptionsError(`Invalid option activityOptions${at}: ${expectation}, got ${show(value)}`);
}
