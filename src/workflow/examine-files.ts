/** Looks at all files of a batch before the first is sent: one that cannot be uploaded would end the batch after the others were. */

import { ActivityFailure, isCancellation, log, patched, proxyActivities } from '@temporalio/workflow';
import type { ExamineActivities, ExaminedFile } from '../contract/examine.js';
import { fromApplicationFailure, toApplicationFailure } from '../contract/failure.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import { jsonBytes } from '../util/json-bytes.js';
import type { ActivityOverrides } from './activity-overrides.js';
import { isTransient, reasonOf } from './failures.js';
import { queueOf, READING } from './proxies.js';

/** Of one activity: 2,000 files take some hundred events of the history, and a payload holds far more than these bytes. */
const MAX_FILES = 200;
const MAX_BYTES = 500_000;

interface Part {
  readonly taskQueue: string | undefined;
  readonly files: ExaminedFile[];
  bytes: number;
  timeoutMs: number;
}

/**
 * Undefined if there is nothing to wait for: an `await` would put the first upload behind what the workflow does beside it.
 *
 * @throws ApplicationFailure of the first file that cannot be uploaded
 */
export function examineFiles(
  inputs: readonly ResolvedUploadOptions[],
  overrides: ActivityOverrides,
): Promise<void> | undefined {
  // The upload of a single file looks at it before it sends anything. A run of 0.1.0 replays as it ran.
  if (inputs.length < 2 || !patched('files-examined')) return undefined;
  return examineParts(inputs, overrides);
}

async function examineParts(
  inputs: readonly ResolvedUploadOptions[],
  overrides: ActivityOverrides,
): Promise<void> {
  for (const part of partsOf(inputs, overrides)) await examine(part);
}

/** Each with files of one task queue: they are on the disks of its workers. */
function partsOf(inputs: readonly ResolvedUploadOptions[], { upload }: ActivityOverrides): Part[] {
  const parts: Part[] = [];
  for (const { path, source, mimeType, taskQueue: own, uploadTimeout } of inputs) {
    const file: ExaminedFile = { path, source, mimeType };
    const bytes = jsonBytes(file);
    const taskQueue = upload?.taskQueue ?? own;
    let part = parts.findLast((one) => one.taskQueue === taskQueue);
    if (!part || part.files.length >= MAX_FILES || part.bytes + bytes > MAX_BYTES)
      parts.push((part = { taskQueue, files: [], bytes: 0, timeoutMs: 0 }));
    part.files.push(file);
    part.bytes += bytes;
    part.timeoutMs = Math.max(part.timeoutMs, uploadTimeout);
  }
  return parts;
}

async function examine({ taskQueue, files, timeoutMs }: Part): Promise<void> {
  const { geminiFilesExamine } = proxyActivities<ExamineActivities>({
    ...queueOf({ taskQueue }),
    summary: `examine ${files.length} files`,
    scheduleToCloseTimeout: timeoutMs,
    heartbeatTimeout: READING.heartbeatTimeout,
    // Temporal's own type for an activity that the worker does not have: one of an older version.
    retry: { initialInterval: '1s', maximumAttempts: 5, nonRetryableErrorTypes: ['NotFoundError'] },
  });
  try {
    await geminiFilesExamine({ files });
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    // A failure that can pass does not end the batch: the uploads try again for longer.
    const known = isTransient(error) ? undefined : fromApplicationFailure(error.cause);
    if (known) throw toApplicationFailure(known);
    log.warn('The files were not examined; their uploads say what is wrong', { reason: reasonOf(error) });
  }
}
