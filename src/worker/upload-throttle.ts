/** Holds back a worker's uploads: how many at once, and how fast. */

import { TokenBucket } from 'limiter';
import pLimit from 'p-limit';
import type { UploadThrottle } from '../activities/index.js';
import type { WorkerLimits } from './tiers.js';

/** @returns a throttle for all uploads that it is given to */
export function uploadThrottle({
  maxConcurrentUploads,
  maxUploadBytesPerSecond,
}: WorkerLimits): UploadThrottle {
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
    inTurn: (upload, signal) => (limit ? untilTurn(limit, upload, signal) : upload()),
    ...(bucket && { pace: async (bytes) => void (await bucket.removeTokens(bytes)) }),
  };
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
