/** Holds back a worker's uploads: how many at once, and how fast. */

import type { UploadThrottle } from '../activities/index.js';
import { SendLimiter } from './send-limiter.js';
import type { WorkerLimits } from './tiers.js';
import { UploadSlots } from './upload-slots.js';

/** @returns a throttle for all uploads that it is given to */
export function uploadThrottle({
  maxConcurrentUploads = Number.POSITIVE_INFINITY,
  maxUploadBytesPerSecond,
}: WorkerLimits): UploadThrottle {
  const slots = new UploadSlots(maxConcurrentUploads);
  return {
    inTurn: (upload, signal) => slots.run(upload, signal),
    ...(maxUploadBytesPerSecond !== undefined && { pace: new SendLimiter(maxUploadBytesPerSecond).pace }),
  };
}
