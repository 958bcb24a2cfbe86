import type { GeminiFilesActivities, SweepActivities } from '../contract/activities.js';
import type { ExamineActivities } from '../contract/examine.js';
import type { IdentifyActivities } from '../contract/identify.js';
import { ACTIVITY } from '../contract/names.js';
import { check } from './check.js';
import { deleteAbandoned } from './delete-abandoned.js';
import { deleteFileActivity } from './delete.js';
import type { ActivityDependencies } from './dependencies.js';
import { examine } from './examine.js';
import { findAbandoned } from './find-abandoned.js';
import { identify } from './identify.js';
import { logged } from './logged.js';
import { measured } from './metrics.js';
import { upload } from './upload.js';

export type { ActivityDependencies, UploadThrottle } from './dependencies.js';
export { deleteAbandonedFile } from './delete-abandoned.js';
export { searchAbandoned } from './find-abandoned.js';

/** The activities under their names on the wire. */
export function createGeminiFilesActivities(
  given: ActivityDependencies,
): GeminiFilesActivities & IdentifyActivities & ExamineActivities & SweepActivities {
  const deps = measured(given);
  return {
    [ACTIVITY.upload]: logged((input) => upload(deps, input)),
    [ACTIVITY.check]: logged((input) => check(deps, input)),
    [ACTIVITY.delete]: logged((input) => deleteFileActivity(deps, input)),
    [ACTIVITY.identify]: (input) => identify(deps, input),
    [ACTIVITY.examine]: (input) => examine(deps, input),
    [ACTIVITY.findAbandoned]: findAbandoned,
    [ACTIVITY.deleteAbandoned]: logged((input) => deleteAbandoned(deps, input)),
  };
}
