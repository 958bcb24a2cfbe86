/** The account's tiers as rate limits. The provider publishes no per-minute limits for the Files API: these are ours. */

export const TIER_NAMES = ['free', 'tier1', 'tier2', 'tier3'] as const;
export type Tier = (typeof TIER_NAMES)[number];

export interface TierLimits {
  /** Uploads, checks and deletes a second, over all workers of the task queue. */
  readonly maxTaskQueueActivitiesPerSecond: number;
  /** Activities at once on one worker; most are uploads. */
  readonly maxConcurrentActivityTaskExecutions: number;
}

/**
 * Users report 429 and broken sessions at high concurrency and do well with 2 to 4 uploads at once; the limits of the
 * generation models grow from tier to tier by about an order of magnitude, and the steps here follow them with care.
 */
export const TIERS: Readonly<Record<Tier, TierLimits>> = {
  free: { maxTaskQueueActivitiesPerSecond: 2, maxConcurrentActivityTaskExecutions: 2 },
  tier1: { maxTaskQueueActivitiesPerSecond: 10, maxConcurrentActivityTaskExecutions: 4 },
  tier2: { maxTaskQueueActivitiesPerSecond: 50, maxConcurrentActivityTaskExecutions: 8 },
  tier3: { maxTaskQueueActivitiesPerSecond: 100, maxConcurrentActivityTaskExecutions: 16 },
};
