/**
 * A run that has to end by a certain time, because its file is not used after that.
 *
 * E1. The upload and the wait end some time before `endsAt`, as if their own time was up. So there is time for the last
 *     check, for the clean-up, and for the failure to arrive.
 * E2. After `endsAt` no file is returned, also if it became ACTIVE in time and no worker was there to notice.
 */

import { workflowInfo } from '@temporalio/workflow';
import { parseDuration } from '../contract/duration.js';
import { UploadFailedError, UploadInactiveError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import { summaryOf } from '../contract/source.js';
import { invalidValue } from '../contract/invalid-option.js';
import { isTimeout, type ActivityOverrides } from './activity-overrides.js';
import { describeFile, type FileOptions } from './file-options.js';
import type { RunEnd, WaitState } from './wait-state.js';

/** How long before `endsAt` the upload and the wait end: a tenth of the time, and at most this. Milliseconds. */
const MAX_RESERVE_MS = 5_000;

/**
 * @param own - whether the run is a workflow of its own: its time counts from its start, not from its first workflow task
 * @throws InvalidOptionsError
 */
export function runEnd(endWithin: unknown, own: boolean): RunEnd | undefined {
  // It may come from the wire, where undefined is null.
  if (endWithin === undefined || endWithin === null) return undefined;
  if (!isTimeout(endWithin))
    throw invalidValue('endWithin', 'expected a duration above 0, of ten years at most', endWithin);
  const ms = parseDuration(endWithin) ?? 0;
  const endsAt = (own ? workflowInfo().startTime.getTime() : Date.now()) + ms;
  return { giveUpAt: endsAt - Math.min(MAX_RESERVE_MS, Math.ceil(ms / 10)), endsAt };
}

/**
 * The overrides of an upload that ends by then (E1).
 *
 * @throws ApplicationFailure of type `UploadFailedError` if the time is up already, so that nothing is sent
 */
export function uploadUntil(
  { giveUpAt }: RunEnd,
  options: ResolvedUploadOptions,
  overrides?: ActivityOverrides,
): ActivityOverrides {
  const left = giveUpAt - Date.now();
  if (left <= 0) {
    throw toApplicationFailure(
      new UploadFailedError(
        `The upload of ${summaryOf(options)} did not begin: the time of the run (endWithin) was over`,
      ),
    );
  }
  return uploadWithin(Math.min(uploadTime(options, overrides), left), overrides);
}

/** The time of the whole upload with its retries, in milliseconds. */
export function uploadTime(options: ResolvedUploadOptions, overrides?: ActivityOverrides): number {
  return parseDuration(overrides?.upload?.scheduleToCloseTimeout) ?? options.uploadTimeout;
}

/** The overrides of an upload that has so much time, in milliseconds. */
export function uploadWithin(ms: number, overrides?: ActivityOverrides): ActivityOverrides {
  return { ...overrides, upload: { ...overrides?.upload, scheduleToCloseTimeout: ms } };
}

/** The options of a wait that ends by then (E1). */
export function waitUntil<Options extends FileOptions>(
  { giveUpAt }: RunEnd,
  options: Options,
  { uploadedAt }: WaitState,
): Options {
  return { ...options, timeout: Math.max(0, Math.min(options.timeout, giveUpAt - uploadedAt)) };
}

/** @throws ApplicationFailure of type `UploadInactiveError` if it is too late for the file (E2) */
export function assertInTime({ endsAt }: RunEnd, { file, polls }: WaitState, options: FileOptions): void {
  if (Date.now() <= endsAt) return;
  throw toApplicationFailure(
    new UploadInactiveError(
      `${describeFile(file.name, options)} was found ACTIVE when the time of the run (endWithin) was over: ${polls} checks`,
      { id: file.name, state: file.state, polls },
    ),
  );
}
