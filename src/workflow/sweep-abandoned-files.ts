/** The workflow that a Temporal Schedule runs: deletes what ended workflows left at the provider. */

import { ActivityFailure, log, proxyActivities } from '@temporalio/workflow';
import type { GeminiFilesActivities, SweepActivities } from '../contract/activities.js';
import {
  resolveSweepOptions,
  summarise,
  type AbandonedFile,
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

const remove = proxyActivities<GeminiFilesActivities>({
  summary: 'delete an abandoned file',
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '10m',
});

/**
 * Deletes the files of workflows that were terminated or timed out in the last 48 hours, and so could not clean up.
 *
 * @throws ApplicationFailure of type `InvalidOptionsError`
 */
export async function sweepAbandonedFiles(input: SweepOptions = {}): Promise<SweepResult> {
  const { dryRun, ...where } = valid(() => resolveSweepOptions(input));
  const found = await search.geminiFilesFindAbandoned(where);
  const files: SweptFile[] = [];
  // One after the other: there is no hurry, and the provider's limits are shared with uploads.
  for (const file of found) files.push(dryRun ? { ...file, outcome: 'found' } : await sweep(file));
  return summarise(files, dryRun);
}

async function sweep(file: AbandonedFile): Promise<SweptFile> {
  const { name, credentials } = file;
  try {
    await remove.geminiFilesDelete({ name, ...(credentials !== undefined && { credentials }) });
    countCleanup('deleted');
    return { ...file, outcome: 'deleted' };
  } catch (error) {
    if (!(error instanceof ActivityFailure) || error.cause === undefined) throw error;
    countCleanup('failed');
    log.warn('An abandoned file could not be deleted', { file: name, reason: error.cause.message });
    return { ...file, outcome: 'failed', error: error.cause.message };
  }
}
