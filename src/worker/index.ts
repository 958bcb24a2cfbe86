/** Entry point `temporal-gemini-files/worker`. */
export {
  createGeminiFilesActivities,
  deleteAbandonedFile,
  searchAbandoned,
  type ActivityDependencies,
  type UploadThrottle,
} from '../activities/index.js';
export { packagedWorkflows } from './bundle.js';
export { createGeminiFilesWorker, workerDefaults, type GeminiFilesWorkerOptions } from './create-worker.js';
export { missingCredentials, unknownProfile, type KeySource } from './api-key.js';
export { resolveSettings, type GeminiFilesOptions, type Settings } from './options.js';
export { GeminiFilesPlugin } from './plugin.js';
export type {
  HttpsSourceOptions,
  LocateContext,
  LocatedFile,
  LocatedReader,
  LocatedUrl,
  LocateFile,
  S3Credentials,
  S3SourceOptions,
  SourcesOptions,
} from '../sources/options.js';
export { taskQueueRate, TIERS, TIER_NAMES, type Tier, type TierLimits, type WorkerLimits } from './tiers.js';
export { HISTOGRAM_BUCKETS, prometheusMetrics } from './telemetry.js';
