/** The account's tiers as limits of the worker. The provider publishes no limits for the Files API: these are estimates. */

import type { WorkerOptions } from '@temporalio/worker';
import * as v from 'valibot';
import { InvalidOptionsError } from '../contract/errors.js';
import { show } from '../contract/show.js';

export const TIER_NAMES = ['free', 'tier1', 'tier2', 'tier3'] as const;
export type Tier = (typeof TIER_NAMES)[number];

const MIB = 1024 * 1024;

export interface WorkerLimits {
  /** Activities (uploads, checks and deletes) per second, over all workers of the task queue; Temporal's worker option. Above 0. */
  readonly maxTaskQueueActivitiesPerSecond?: number | undefined;
  /** Concurrent uploads on this worker; more wait in a queue. A whole number above 0. */
  readonly maxConcurrentUploads?: number | undefined;
  /** Bytes per second that this worker sends, over all its uploads; at least 1 MiB. */
  readonly maxUploadBytesPerSecond?: number | undefined;
}

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

/** Shape and bounds of `limits`, in the options and in the configuration file. */
export const LimitsSchema = v.strictObject({
  maxTaskQueueActivitiesPerSecond: v.optional(
    v.pipe(
      v.number(),
      v.finite(),
      v.check((rate) => rate > 0, 'expected a number above 0'),
    ),
  ),
  maxConcurrentUploads: v.optional(
    v.pipe(
      v.number(),
      v.check((count) => Number.isInteger(count) && count > 0, 'expected a whole number above 0'),
    ),
  ),
  maxUploadBytesPerSecond: v.optional(
    v.pipe(
      v.number(),
      v.finite(),
      v.check((rate) => rate >= MIB, `expected at least ${MIB} (1 MiB)`),
    ),
  ),
});

/**
 * Merges limits: the last value given for each applies.
 *
 * @throws InvalidOptionsError
 */
export function parseLimits(...given: (WorkerLimits | undefined)[]): WorkerLimits {
  const parsed = v.safeParse(LimitsSchema, Object.assign({}, ...given.map(defined)));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? '';
  throw new InvalidOptionsError(`Invalid option limits.${field}: ${issue.message}, got ${show(issue.input)}`);
}

function defined(limits: WorkerLimits = {}): WorkerLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

/** The limit that Temporal enforces, as its worker option. */
export function taskQueueRate({
  maxTaskQueueActivitiesPerSecond: rate,
}: WorkerLimits): Pick<WorkerOptions, 'maxTaskQueueActivitiesPerSecond'> {
  return rate === undefined ? {} : { maxTaskQueueActivitiesPerSecond: rate };
}
