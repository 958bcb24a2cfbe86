/** Entry point `temporal-gemini-files/worker`. */
export {
  createGeminiFilesActivities,
  type ActivityDependencies,
  type UploadThrottle,
} from '../activities/index.js';
export {
  GeminiFilesError,
  InvalidOptionsError,
  MissingDependencyError,
  isGeminiFilesError,
} from '../contract/errors.js';
export { packagedWorkflows } from './bundle.js';
export { createGeminiFilesWorker, type GeminiFilesWorkerOptions } from './create-worker.js';
export type { GeminiFilesOptions } from './options.js';
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
export { TIERS, TIER_NAMES, type Tier, type TierLimits, type WorkerLimits } from './tiers.js';
export { HISTOGRAM_BUCKETS, prometheusMetrics } from './telemetry.js';
