/** The account's tiers as limits of the worker. The provider publishes no limits for the Files API: these are estimates. */

import type { WorkerOptions } from '@temporalio/worker';
import type { InvalidOptionsError } from '../contract/errors.js';
import { optional, readKnownFields, type OutputOf } from '../contract/fields.js';
import { number } from '../contract/kinds.js';
import { invalidValue } from '../contract/invalid-option.js';

/** The names of the tiers, from the smallest limits to the largest. */
export const TIER_NAMES = ['free', 'tier1', 'tier2', 'tier3'] as const;
/** Name of an account's tier. */
export type Tier = (typeof TIER_NAMES)[number];

const MIB = 1024 * 1024;

/** The limits of a worker, in its options and in the configuration file. */
export const LIMIT_FIELDS = {
  /** Activities (uploads, checks and deletes) per second, over all workers of the task queue; Temporal's worker option. Above 0. */
  maxTaskQueueActivitiesPerSecond: optional(
    number([Number.isFinite, 'expected a finite number'], [(rate) => rate > 0, 'expected a number above 0']),
  ),
  /** Concurrent uploads on this worker; more wait in a queue. A whole number above 0. */
  maxConcurrentUploads: optional(
    number([(count) => Number.isInteger(count) && count > 0, 'expected a whole number above 0']),
  ),
  /** Bytes per second that this worker sends, over all its uploads; at least 1 MiB. */
  maxUploadBytesPerSecond: optional(
    number(
      [Number.isFinite, 'expected a finite number'],
      [(rate) => rate >= MIB, `expected at least ${MIB} (1 MiB)`],
    ),
  ),
};

/**
 * Limits of one worker; what is absent is not limited.
 *
 * @interface
 */
export type WorkerLimits = OutputOf<typeof LIMIT_FIELDS>;

/**
 * The limits of a tier.
 *
 * @interface
 */
export type TierLimits = { readonly [Limit in keyof WorkerLimits]-?: NonNullable<WorkerLimits[Limit]> };

/**
 * Users report 429 and broken sessions at high concurrency, and no problems with 2 to 4 concurrent uploads. The limits of the
 * generation models grow by about an order of magnitude per tier; these grow more slowly. The bandwidth allows each concurrent
 * upload about 5 MiB/s, twice that on the free tier.
 */
export const TIERS: Readonly<Record<Tier, TierLimits>> = {
  free: limits(2, 2, 20),
  tier1: limits(10, 4, 20),
  tier2: limits(50, 8, 40),
  tier3: limits(100, 16, 80),
};

function limits(
  maxTaskQueueActivitiesPerSecond: number,
  maxConcurrentUploads: number,
  mebibytesPerSecond: number,
): TierLimits {
  return {
    maxTaskQueueActivitiesPerSecond,
    maxConcurrentUploads,
    maxUploadBytesPerSecond: mebibytesPerSecond * MIB,
  };
}

/**
 * Merges limits: the last value given for each applies.
 *
 * @throws InvalidOptionsError
 */
export function parseLimits(...given: (Readonly<Record<string, unknown>> | undefined)[]): WorkerLimits {
  const known = given.map((limits = {}) => readKnownFields(LIMIT_FIELDS, limits, invalidLimit));
  return Object.assign({}, ...known) as WorkerLimits;
}

function invalidLimit(field: string, expectation: string, value: unknown): InvalidOptionsError {
  return invalidValue(`limits.${field}`, expectation, value);
}

/**
 * The limit that Temporal enforces, as its worker option.
 *
 * @param limits - those of the worker
 */
export function taskQueueRate({
  maxTaskQueueActivitiesPerSecond: rate,
}: WorkerLimits): Pick<WorkerOptions, 'maxTaskQueueActivitiesPerSecond'> {
  return rate === undefined ? {} : { maxTaskQueueActivitiesPerSecond: rate };
}
