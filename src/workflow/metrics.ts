/** What the workflows count. Temporal's meter is silent in a replay, so each end is counted once. */

import { metricMeter, TemporalFailure } from '@temporalio/workflow';
import type { Cleanup } from '../contract/errors.js';
import type { ActiveFile } from '../contract/file.js';
import { outcomeOf } from './failures.js';

/** Runs an upload with its wait, and counts how it ended. A run that continues as new has not ended. */
export async function counted(work: () => Promise<ActiveFile>): Promise<ActiveFile> {
  try {
    const file = await work();
    countUpload('ACTIVE');
    metricMeter
      .createHistogram(
        'gemini_files_time_to_active_seconds',
        'float',
        undefined,
        'Time from the end of the upload until the file is ACTIVE',
      )
      .record(file.waitedMs / 1000);
    return file;
  } catch (error) {
    if (error instanceof TemporalFailure) countUpload(outcomeOf(error));
    throw error;
  }
}

export function countCleanup(outcome: Cleanup): void {
  metricMeter
    .createCounter('gemini_files_cleanups', undefined, 'Clean-ups by what became of the file')
    .add(1, { outcome });
}

function countUpload(outcome: string): void {
  metricMeter
    .createCounter('gemini_files_uploads', undefined, 'Uploads with their waits by how they ended')
    .add(1, { outcome });
}
