/** What a sweep, and a delete, need of the activities, without the SDK's native module. */
export {
  deleteAbandonedFile,
  deleteIfVisible,
  searchAbandoned,
  useByOpenRuns,
  usesOfOpenRuns,
} from '../activities/index.js';
