/** The workflow that a Temporal Schedule runs: deletes what ended workflows left at the provider. */

import { ActivityFailure, continueAsNew, log, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { DeleteInput, GeminiFilesActivities, SweepActivities } from '../contract/activities.js';
import { addSweep, sweepResult, withinPayload, type DeleteOutcome } from '../contract/sweep-files.js';
import {
  FILES_PER_SEARCH,
  resolveSweepOptions,
  type AbandonedDeletion,
  type AbandonedFile,
  type AbandonedSearch,
  type SweepOptions,
  type SweepResult,
  type SweptFile,
} from '../contract/sweep.js';
import { countCleanup } from './metrics.js';
import { asApplicationFailure } from './upload-and-wait-active.js';
import { isFromRunBefore } from './wait-state.js';

const find = proxyActivities<SweepActivities>({
  summary: 'find abandoned files',
  startToCloseTimeout: '30m',
  heartbeatTimeout: '1m',
  retry: { maximumAttempts: 5 },
});

const remove = proxyActivities<SweepActivities & Pick<GeminiFilesActivities, 'geminiFilesDelete'>>({
  summary: 'delete an abandoned file',
  // It reads the histories of the other runs of the workflow id before it deletes.
  startToCloseTimeout: '2m',
  scheduleToCloseTimeout: '10m',
  // The next sweep finds the file again, and other files wait.
  retry: { maximumAttempts: 5 },
});

type Remove = (file: AbandonedFile) => Promise<AbandonedDeletion | void>;

/** A delete of 0.1.0 has no result. */
const DELETED: AbandonedDeletion = { outcome: 'deleted' };

/** What a run of the sweep hands to the next. */
interface CarriedSweep {
  /** The run that made it. */
  readonly runId: string;
  /** Where the search continues. */
  readonly after: string;
  readonly result: SweepResult;
}

/**
 * Deletes the files of workflows that were terminated or timed out in the last 48 hours, and so could not clean up. It
 * searches runs of this package's own workflow types; for workflows that call the functions inline, give `query`.
 *
 * A run deletes up to 500 files and continues as new for the rest, so that no number of files is too many.
 *
 * @param input - which runs, how old, and with which credentials
 * @param carried - what a run hands to the next one; leave it out
 * @throws ApplicationFailure of type `InvalidOptionsError`
 */
export async function sweepAbandonedFiles(
  input: SweepOptions = {},
  carried?: CarriedSweep,
): Promise<SweepResult> {
  const { dryRun, ...where } = asApplicationFailure(() => resolveSweepOptions(input));
  const before = isFromRunBefore(carried) ? carried : undefined;
  const found = await find.geminiFilesFindAbandoned({
    ...where,
    limit: FILES_PER_SEARCH,
    after: before?.after,
  });
  // A worker of 0.1.0 has found them if it is a list: such a worker has no other delete, and its histories have none.
  const search = isSearch(found) ? found : { files: found, unreadable: 0, skipped: 0, runs: [] };
  const tryDelete = attempt(isSearch(found) ? remove.geminiFilesDeleteAbandoned : removeAsBefore);
  const files: SweptFile[] = [];
  // Not in a function of its own: an `await` of it would be one more than in 0.1.0.
  for (const file of search.files)
    files.push({ ...file, ...(dryRun ? { outcome: 'found' } : await tryDelete(file)) });
  const result = withinPayload(addSweep(before?.result, sweepResult(search, dryRun, files)));
  if (isSearch(found) && found.next !== undefined)
    await continueAsNew<typeof sweepAbandonedFiles>(input, {
      runId: workflowInfo().runId,
      after: found.next,
      result,
    });
  return result;
}

function isSearch(found: AbandonedSearch | readonly AbandonedFile[]): found is AbandonedSearch {
  return !Array.isArray(found);
}

/** Not `async`, for the number of awaits of 0.1.0. */
function removeAsBefore({ name, credentials }: AbandonedFile): Promise<void> {
  return remove.geminiFilesDelete({ name, credentials } as DeleteInput);
}

/** Deletes the file. Returns the outcome, also if the delete fails. */
function attempt(deleteFile: Remove): (file: AbandonedFile) => Promise<DeleteOutcome> {
  return async (file) => {
    try {
      const { outcome, gone, reason } = (await deleteFile(file)) ?? DELETED;
      // Each sweep of the next 48 hours finds the run again; its file is counted by the sweep that deletes it.
      if (!gone) countCleanup(outcome);
      return { outcome, gone, error: reason } as DeleteOutcome;
    } catch (error) {
      if (!(error instanceof ActivityFailure) || error.cause === undefined) throw error;
      countCleanup('failed');
      log.warn('An abandoned file could not be deleted', { file: file.name, reason: error.cause.message });
      return { outcome: 'failed', error: error.cause.message };
    }
  };
}
