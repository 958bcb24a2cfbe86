/** Holds back a worker's uploads: how many at once, how fast, and how many of its activity slots they may hold. */

import { ApplicationFailure } from '@temporalio/common';
import { TokenBucket } from 'limiter';
import pLimit from 'p-limit';
import type { UploadThrottle } from '../activities/index.js';
import type { WorkerLimits } from './tiers.js';

/** Temporal's own number, where a worker is told of none. */
const ACTIVITY_SLOTS = 100;

/** Uploads that go on or wait for their turn hold four in five at most, so that checks and deletes always find a slot. */
const UPLOADS_SHARE = 0.8;

export interface WorkerThrottle extends UploadThrottle {
  /** Tells of the activity slots that the worker has, or one of several workers with this throttle. @default Temporal's own number */
  readonly leaveRoom: (activitySlots: number | undefined) => void;
}

/** @returns a throttle for all uploads that it is given to */
export function uploadThrottle({
  maxConcurrentUploads,
  maxUploadBytesPerSecond,
}: WorkerLimits): WorkerThrottle {
  let room = roomOf(ACTIVITY_SLOTS);
  let held = 0;
  const limit = maxConcurrentUploads === undefined ? undefined : pLimit(maxConcurrentUploads);
  const bucket =
    maxUploadBytesPerSecond === undefined
      ? undefined
      : new TokenBucket({
          // What may be sent at once after a rest: the rate holds over a second, not over each chunk.
          bucketSize: maxUploadBytesPerSecond,
          tokensPerInterval: maxUploadBytesPerSecond,
          interval: 'second',
        });
  return {
    leaveRoom: (slots = ACTIVITY_SLOTS) => void (room = roomOf(slots)),
    inTurn: async (upload, signal) => {
      if (held >= room) throw noRoom(room);
      held += 1;
      try {
        return await (limit ? untilTurn(limit, upload, signal) : upload());
      } finally {
        held -= 1;
      }
    },
    ...(bucket && { pace: async (bytes) => void (await bucket.removeTokens(bytes)) }),
  };
}

/** At least one; where there are two slots, one is left. */
const roomOf = (slots: number) => Math.max(1, Math.min(slots - 1, Math.floor(slots * UPLOADS_SHARE)));

/** Comes back by Temporal's own retry, here or on another worker. */
function noRoom(room: number): ApplicationFailure {
  return ApplicationFailure.retryable(
    `The worker has ${room} uploads already, and keeps its other activity slots for checks and deletes`,
    'WorkerBusy',
  );
}

/** An upload that is cancelled while it waits does not wait for its turn to say so. */
function untilTurn<T>(
  limit: ReturnType<typeof pLimit>,
  upload: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  let begun = false;
  const given = limit(() => {
    signal.throwIfAborted();
    begun = true;
    return upload();
  });
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      if (!begun) reject(signal.reason as Error);
    });
  });
  return Promise.race([given, aborted]);
}
