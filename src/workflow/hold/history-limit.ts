import { shouldContinueAsNew } from '../wait.js';

/** The hold continues as new at this many events: half of the most, so that an upload that cannot be interrupted has room. */
export const HISTORY_LIMIT = 1000;

export const isHistoryLong = (): boolean => shouldContinueAsNew(HISTORY_LIMIT);
