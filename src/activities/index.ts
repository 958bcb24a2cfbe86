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
import { withRetryLog } from './with-retry-log.js';
import { withRequestMetrics } from './metrics.js';
import { upload } from './upload.js';

export type { ActivityDependencies, UploadThrottle } from './dependencies.js';
export { deleteAbandonedFile } from './delete-abandoned.js';
export { searchAbandoned } from './find-abandoned.js';

/**
 * The activities under their names on the wire.
 *
 * @param given - the settings of the worker
 */
export function createGeminiFilesActivities(
  given: ActivityDependencies,
): GeminiFilesActivities & IdentifyActivities & ExamineActivities & SweepActivities {
  const deps = withRequestMetrics(given);
  return {
    [ACTIVITY.upload]: withRetryLog((input) => upload(deps, input)),
    [ACTIVITY.check]: withRetryLog((input) => check(deps, input)),
    [ACTIVITY.delete]: withRetryLog((input) => deleteFileActivity(deps, input)),
    [ACTIVITY.identify]: (input) => identify(deps, input),
    [ACTIVITY.examine]: (input) => examine(deps, input),
    [ACTIVITY.findAbandoned]: findAbandoned,
    [ACTIVITY.deleteAbandoned]: withRetryLog((input) => deleteAbandoned(deps, input)),
  };
}
export { deleteIfVisible } from './delete-if-visible.js';
export { useByOpenRuns, usesOfOpenRuns } from './sweep/open-runs.js';
