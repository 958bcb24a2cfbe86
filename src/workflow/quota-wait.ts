/**
 * An upload that waits while the project's file storage is full.
 *
 * Q1. While it waits, nothing of it is at the provider: what a refused attempt may have left is deleted first.
 * Q2. All attempts and waits together end within the time of one upload.
 * Q3. `checkNow` leads to an attempt that begins after it.
 * Q4. A wait ends while the workflow's history has room for the clean-up of its files. Without `checkNow`, 48 hours have
 *     room for some 300 attempts, with 17 events each at most.
 * Q5. A hold has less room, and continues as new after a sleep, or during an attempt. The next run goes on with the next attempt.
 */

import { ActivityFailure, condition, log } from '@temporalio/workflow';
import type { UploadResult } from '../contract/activities.js';
import { QuotaExceededError } from '../contract/errors.js';
import { fromApplicationFailure, toApplicationFailure } from '../contract/failure.js';
import { quotaSleep } from './backoff.js';
import { hintsForFailedUpload, type DeleteHints } from './deletion.js';
import { isRoomUsed, roomUsedFailure } from './history-room.js';
import type { RunStatus } from './status.js';
import type { CarriedUpload } from './carried-upload.js';

export interface QuotaWait {
  /** Name of the file. */
  readonly name: string;
  /** The time of all attempts and waits, in milliseconds. */
  readonly timeoutMs: number;
  /** One attempt, with the time that is left for it, and what the next run needs to go on with it. */
  readonly upload: (leftMs: number, attempt: CarriedUpload) => Promise<UploadResult>;
  /** Deletes what a refused attempt may have left; never throws. */
  readonly cleanUp: (hints: DeleteHints) => Promise<'deleted' | 'failed'>;
  readonly status: RunStatus;
  readonly carried?: CarriedUpload;
  /** Called after each sleep (Q5): throws to continue as new. */
  readonly onSlept?: (carried: CarriedUpload) => Promise<void>;
}

const TIME_OVER =
  'The file storage (quota file_storage_bytes) was full until the time of the upload was over';

/** @throws the failure of an attempt: of the last one if the storage was full all the time */
export async function uploadOnceThereIsRoom({
  name,
  timeoutMs,
  upload,
  cleanUp,
  status,
  carried,
  onSlept,
}: QuotaWait): Promise<UploadResult> {
  const until = carried?.until ?? Date.now() + timeoutMs;
  let refused: ActivityFailure | undefined;
  let runs = carried?.runs ?? [];
  for (let waits = carried?.waits ?? 0, last = carried?.last ?? false; ; waits += 1) {
    const timeMs = until - Date.now();
    // No worker was there when the last sleep ended. Temporal refuses an activity without time.
    if (timeMs < 1 && refused !== undefined) throw refused;
    if (timeMs < 1 && carried && runs.length === 0)
      throw toApplicationFailure(new QuotaExceededError(TIME_OVER));
    try {
      return await upload(Math.max(1, timeMs), { name, until, waits, last, runs });
    } catch (error) {
      if (last || !isStorageFull(error)) throw error;
      refused = error;
      const hints = hintsForFailedUpload(error);
      const mayHaveLeft = Object.values(hints).some((hint) => hint !== undefined);
      // The compensation tries once more, and reports what became of it.
      if (mayHaveLeft && (await cleanUp(hints)) === 'failed') throw error;
      const leftMs = until - Date.now();
      const sleep = quotaSleep(waits, leftMs, Math.random());
      if (sleep === undefined) throw error;
      const inFull = await pause(sleep.ms, status);
      last = sleep.last && inFull;
      // Q1: nothing is left of the attempts before.
      runs = [];
      await onSlept?.({ name, until, waits: waits + 1, last, runs });
    }
  }
}

/** @returns false if `checkNow` has ended the sleep */
async function pause(ms: number, status: RunStatus): Promise<boolean> {
  const nextCheckAt = new Date(Date.now() + ms).toISOString();
  status.update({ phase: 'quota-wait', nextCheckAt });
  log.info('The file storage is full; the upload waits', { file: status.id, nextAttemptAt: nextCheckAt });
  await condition(() => status.checkRequested || isRoomUsed(), ms, { summary: 'until storage is free' });
  if (isRoomUsed()) throw roomUsedFailure();
  const inFull = !status.checkRequested;
  status.checkRequested = false;
  status.update({ phase: 'uploading', nextCheckAt: null });
  return inFull;
}

function isStorageFull(error: unknown): error is ActivityFailure {
  return (
    error instanceof ActivityFailure && fromApplicationFailure(error.cause) instanceof QuotaExceededError
  );
}
