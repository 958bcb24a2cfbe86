/**
 * An upload that waits while the project's file storage is full.
 *
 * Q1. While it waits, nothing of it is at the provider: what a refused attempt may have left is deleted first.
 * Q2. All attempts and waits together end within the time of one upload.
 * Q3. `checkNow` leads to an attempt that begins after it.
 * Q4. A wait ends while the workflow's history has room for the clean-up of its files. Without `checkNow`, 48 hours have
 *     room for some 300 attempts, with 17 events each at most.
 */

import { ActivityFailure, condition, log } from '@temporalio/workflow';
import type { UploadResult } from '../contract/activities.js';
import { QuotaExceededError } from '../contract/errors.js';
import { fromApplicationFailure } from '../contract/failure.js';
import { quotaSleep } from './backoff.js';
import { hintsForFailedUpload, type DeleteHints } from './deletion.js';
import { isRoomUsed, roomUsedFailure } from './history-room.js';
import type { RunStatus } from './status.js';

export interface QuotaWait {
  /** The time of all attempts and waits, in milliseconds. */
  readonly timeoutMs: number;
  /** One attempt, with the time that is left for it. */
  readonly upload: (leftMs: number) => Promise<UploadResult>;
  /** Deletes what a refused attempt may have left; never throws. */
  readonly cleanUp: (hints: DeleteHints) => Promise<'deleted' | 'failed'>;
  readonly status: RunStatus;
}

/** @throws the failure of an attempt: of the last one if the storage was full all the time */
export async function uploadOnceThereIsRoom({
  timeoutMs,
  upload,
  cleanUp,
  status,
}: QuotaWait): Promise<UploadResult> {
  const until = Date.now() + timeoutMs;
  let refused: ActivityFailure | undefined;
  for (let waits = 0, last = false; ; waits += 1) {
    const timeMs = until - Date.now();
    // No worker was there when the last sleep ended. Temporal refuses an activity without time.
    if (refused !== undefined && timeMs < 1) throw refused;
    try {
      return await upload(timeMs);
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
