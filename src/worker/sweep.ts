/** What a sweep needs of the activities, without the SDK's native module. */
export { deleteAbandonedFile, searchAbandoned } from '../activities/index.js';
