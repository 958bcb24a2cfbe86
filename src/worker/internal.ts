/** The entry point, and what only the commands of this package use beside it. */

export * from './index.js';
export { deleteAbandonedFile, searchAbandoned } from '../activities/index.js';
export { missingCredentials, unknownProfile, type KeySource } from './api-key.js';
export { resolveSettings, type Settings } from './options.js';
export { measureRoundTrip } from './round-trip.js';
export { taskQueueRate } from './tiers.js';
export { workerDefaults } from './worker-defaults.js';
