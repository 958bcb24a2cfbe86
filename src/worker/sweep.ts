/** What a sweep, and a delete, need of the activities, without the SDK's native module. */
export {
  deleteAbandonedFile,
  deleteIfVisible,
  searchAbandoned,
  usesOfOpenRuns,
  type OpenRunUses,
} from '../activities/index.js';
