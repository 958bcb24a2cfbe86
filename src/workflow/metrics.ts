/** What the workflows count. Temporal's meter is silent in a replay, so each end is counted once. */

import { metricMeter, TemporalFailure } from '@temporalio/workflow';
import type { Cleanup } from '../contract/errors.js';
import type { ActiveFile } from '../contract/file.js';
import { outcomeOf } from './failures.js';

type Work = () => Promise<ActiveFile>;

/**
 * Runs an upload with its wait, and counts how it ended. A run that continues as new has not ended.
 *
 * Not `async`: 0.1.0 had one `await` here, and in a workflow that does other things meanwhile one more could change the order of commands.
 */
export function withUploadMetrics(work: Work): Promise<ActiveFile> {
  return withOutcomeCounter(
    'gemini_files_uploads',
    'Uploads with their waits by how they ended',
    work,
    recordTimeToActive,
  );
}

function recordTimeToActive({ waitedMs }: ActiveFile): void {
  metricMeter
    .createHistogram(
      'gemini_files_time_to_active_seconds',
      'float',
      undefined,
      'Time from the end of the upload until the file is ACTIVE',
    )
    .record(waitedMs / 1000);
}

/** The same for a wait for a file that somebody else uploaded. */
export function withWaitMetrics(work: Work): Promise<ActiveFile> {
  return withOutcomeCounter('gemini_files_waits', 'Waits for files of others by how they ended', work);
}

async function withOutcomeCounter(
  name: string,
  description: string,
  work: Work,
  onActive?: (file: ActiveFile) => void,
): Promise<ActiveFile> {
  const count = (outcome: string) =>
    metricMeter.createCounter(name, undefined, description).add(1, { outcome });
  try {
    const file = await work();
    count('ACTIVE');
    onActive?.(file);
    return file;
  } catch (error) {
    if (error instanceof TemporalFailure) count(outcomeOf(error));
    throw error;
  }
}

export function countCleanup(outcome: Cleanup): void {
  metricMeter
    .createCounter('gemini_files_cleanups', undefined, 'Clean-ups by what became of the file')
    .add(1, { outcome });
}
