/** The workflow that a Temporal Schedule runs: deletes what ended workflows left at the provider. */

import { ActivityFailure, log, proxyActivities } from '@temporalio/workflow';
import type { DeleteInput, GeminiFilesActivities, SweepActivities } from '../contract/activities.js';
import {
  resolveSweepOptions,
  sweepFiles,
  type AbandonedDeletion,
  type AbandonedFile,
  type AbandonedSearch,
  type SweepOptions,
  type SweepResult,
  type SweptFile,
} from '../contract/sweep.js';
import { countCleanup } from './metrics.js';
import { valid } from './upload-and-wait-active.js';

const search = proxyActivities<SweepActivities>({
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

type Remove = (file: AbandonedFile) => Promise<AbandonedDeletion>;

/**
 * Deletes the files of workflows that were terminated or timed out in the last 48 hours, and so could not clean up. It
 * searches runs of this package's own workflow types; for workflows that call the functions inline, give `query`.
 *
 * @throws ApplicationFailure of type `InvalidOptionsError`
 */
export async function sweepAbandonedFiles(input: SweepOptions = {}): Promise<SweepResult> {
  const { dryRun, ...where } = valid(() => resolveSweepOptions(input));
  const found = (await search.geminiFilesFindAbandoned(where)) as AbandonedSearch | AbandonedFile[];
  // A worker of 0.1.0 found them: such a worker knows no other delete, and a history of its replays with this one.
  return Array.isArray(found)
    ? sweepFiles({ files: found, unreadable: 0, skipped: 0, runs: [] }, dryRun, attempt(removeAsBefore))
    : sweepFiles(found, dryRun, attempt(remove.geminiFilesDeleteAbandoned));
}

async function removeAsBefore({ name, credentials }: AbandonedFile): Promise<AbandonedDeletion> {
  await remove.geminiFilesDelete({ name, credentials } as DeleteInput);
  return { outcome: 'deleted' };
}

/** The delete, as an outcome whatever comes of it. */
function attempt(deleteFile: Remove): (file: AbandonedFile) => Promise<Pick<SweptFile, 'outcome' | 'error'>> {
  return async (file) => {
    try {
      const { outcome, reason } = await deleteFile(file);
      countCleanup(outcome);
      return { outcome, error: reason } as Pick<SweptFile, 'outcome' | 'error'>;
    } catch (error) {
      if (!(error instanceof ActivityFailure) || error.cause === undefined) throw error;
      countCleanup('failed');
      log.warn('An abandoned file could not be deleted', { file: file.name, reason: error.cause.message });
      return { outcome: 'failed', error: error.cause.message };
    }
  };
}
