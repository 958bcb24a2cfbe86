/** Limits a worker's uploads: their number and their bandwidth. */

import type { UploadThrottle } from '../activities/index.js';
import { SendLimiter } from './send-limiter.js';
import type { WorkerLimits } from './tiers.js';
import { UploadSlots } from './upload-slots.js';

/** @returns a throttle that all uploads of the worker share */
export function createUploadThrottle({
  maxConcurrentUploads = Number.POSITIVE_INFINITY,
  maxUploadBytesPerSecond,
}: WorkerLimits): UploadThrottle {
  const slots = new UploadSlots(maxConcurrentUploads);
  return {
    runInSlot: (upload, signal) => slots.run(upload, signal),
    ...(maxUploadBytesPerSecond !== undefined && { pace: new SendLimiter(maxUploadBytesPerSecond).pace }),
  };
}
