/** The activities as the workflow calls them: timeouts and retries in one place. */

import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { GeminiFilesActivities } from '../contract/activities.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import { summaryOf } from '../contract/source.js';
import type { ActivityOverrides } from './activity-overrides.js';
import type { FileOptions } from './file-options.js';

type Call<Name extends keyof GeminiFilesActivities> = GeminiFilesActivities[Name];

const proxy = (options: ActivityOptions) => proxyActivities<GeminiFilesActivities>(options);

/** One attempt of a check or a delete: a small request, whose own HTTP timeout is shorter. */
const REQUEST_TIMEOUT = '30s';

/**
 * How long the last check waits for a worker: longer than an outage of all workers lasts, so that a file that became
 * ACTIVE meanwhile is found, and half of the time for which the provider keeps the file.
 */
const LAST_CHECK_TIMEOUT = '24h';

/**
 * Of what waits for a worker, checks and deletes go before uploads (Temporal's default is 3): of many files at once, those that
 * are up would else be looked at only after all others have been sent. Servers before 1.28 do not know it.
 */
const BEFORE_UPLOADS = { priorityKey: 2 } as const;

/** What a wait and a clean-up call. */
export interface FileActivities {
  /** @param remaining - milliseconds until the deadline; not positive: the last check, which no clock may cut short. */
  check: (
    remaining: number,
    polls: number,
    ...args: Parameters<Call<'geminiFilesCheck'>>
  ) => ReturnType<Call<'geminiFilesCheck'>>;
  delete: Call<'geminiFilesDelete'>;
}

export interface Activities extends FileActivities {
  upload: Call<'geminiFilesUpload'>;
}

/** Of an activity that reads a file: the heartbeat is short, so that a dead worker is noticed in seconds. */
export const READING = {
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
} as const satisfies ActivityOptions;

export const queueOf = ({ taskQueue }: Pick<FileOptions, 'taskQueue'>) =>
  taskQueue === undefined ? {} : { taskQueue };

export function activitiesFor(options: ResolvedUploadOptions, overrides: ActivityOverrides = {}): Activities {
  return {
    upload: proxy({
      ...queueOf(options),
      summary: `upload ${summaryOf(options)}`,
      scheduleToCloseTimeout: options.uploadTimeout,
      ...READING,
      ...overrides.upload,
      // The transfer must have ended before the delete, or it could finalize a file after it.
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    }).geminiFilesUpload,
    ...fileActivities(options, overrides),
  };
}

export function fileActivities(options: FileOptions, overrides: ActivityOverrides = {}): FileActivities {
  const queue = queueOf(options);
  return {
    check: (remaining, polls, input) =>
      proxy({
        ...queue,
        summary: remaining > 0 ? `check ${polls + 1}` : `last check (${polls + 1})`,
        priority: BEFORE_UPLOADS,
        startToCloseTimeout: REQUEST_TIMEOUT,
        // It does no harm: a cancelled run need not wait for its answer.
        cancellationType: 'TRY_CANCEL',
        ...(remaining > 0
          ? { scheduleToCloseTimeout: remaining, retry: { initialInterval: '1s', maximumInterval: '10s' } }
          : {
              scheduleToCloseTimeout: LAST_CHECK_TIMEOUT,
              retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 4 },
            }),
        ...overrides.check,
      }).geminiFilesCheck(input),
    delete: proxy({
      ...queue,
      summary: 'clean-up',
      priority: BEFORE_UPLOADS,
      startToCloseTimeout: REQUEST_TIMEOUT,
      scheduleToCloseTimeout: options.cleanupTimeout,
      retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
      ...overrides.delete,
    }).geminiFilesDelete,
  };
}
