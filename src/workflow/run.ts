/** One run: name, upload, wait, and the compensation where it ends in anything but an ACTIVE file. */

import {
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  isCancellation,
  TemporalFailure,
  uuid4,
} from '@temporalio/workflow';
import type { Cleanup, GeminiFilesError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import type { ActiveFile } from '../contract/file.js';
import { PROVIDER } from '../contract/names.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import { cleanUp } from './cleanup.js';
import { contractError, isPassing, withDetails } from './failures.js';
import { activitiesFor, type Activities, type ActivityOverrides } from './proxies.js';
import { RunStatus } from './status.js';
import { waitActive, type WaitState } from './wait.js';

export interface RunContext {
  /** Whether the run is a workflow of its own, not inline in another. */
  readonly own: boolean;
  readonly carried?: WaitState;
  readonly overrides?: ActivityOverrides;
  /** Continues as new with the state; returns where that is not possible. */
  readonly onLong: (state: WaitState) => Promise<void>;
}

export async function run(options: ResolvedUploadOptions, context: RunContext): Promise<ActiveFile> {
  // Chosen before anything is sent: every later step, the delete included, knows the name even if the upload's answer is lost.
  const name = context.carried?.file.name ?? `files/${uuid4()}`;
  const status = new RunStatus(name, context.own);
  const activities = activitiesFor(options, context.overrides);
  let uploaded = context.carried !== undefined;
  try {
    const begun = context.carried ?? (await upload(name, options, activities));
    uploaded = true;
    const deadline = new Date(begun.uploadedAt + options.timeout).toISOString();
    status.update({ phase: 'processing', state: begun.file.state, polls: begun.polls, deadline });
    const state = await waitActive(begun, options, activities, status, context.onLong);
    status.update({ phase: 'active', state: 'ACTIVE' });
    const result = activeFile(state);
    status.update({ phase: 'done' });
    return result;
  } catch (error) {
    // Anything else is a fault of the code, which Temporal retries as a workflow task: nothing has failed yet.
    if (!(error instanceof TemporalFailure) || error instanceof ContinueAsNew) throw error;
    throw await compensate(asCancellation(error), name, uploaded, options, activities, status);
  }
}

async function upload(
  name: string,
  options: ResolvedUploadOptions,
  activities: Activities,
): Promise<WaitState> {
  const { path, displayName, mimeType, credentials } = options;
  const file = await activities.upload({
    name,
    path,
    ...(displayName !== undefined && { displayName }),
    ...(mimeType !== undefined && { mimeType }),
    ...(credentials !== undefined && { credentials }),
  });
  return { file, uploadedAt: Date.now(), interval: options.pollInterval, polls: 0, missing: 0 };
}

/**
 * An activity whose cancellation was asked for is not tried again: where its worker died just then, or its last attempt
 * failed, that is what it ends with, and yet the run was cancelled.
 */
function asCancellation(error: TemporalFailure): TemporalFailure {
  const cancelled = CancellationScope.current().consideredCancelled && isPassing(error);
  return cancelled ? new CancelledFailure('The run was cancelled', [], error) : error;
}

async function compensate(
  error: TemporalFailure,
  name: string,
  uploaded: boolean,
  options: ResolvedUploadOptions,
  activities: Activities,
  status: RunStatus,
): Promise<TemporalFailure> {
  const cancelled = isCancellation(error);
  const known = cancelled ? undefined : contractError(error);
  let cleanup: Cleanup | undefined;
  if (mayExist(known, uploaded)) {
    status.update({ phase: 'cleaning-up', nextCheckAt: null });
    // A file whose content is in doubt is never kept.
    const keep = !options.cleanupOnTimeout && !(known && !uploaded && isCorrupt(known));
    cleanup = keep ? 'kept' : await cleanUp(activities, name, options, error);
  }
  status.update({ phase: 'done' });
  if (known === undefined) return error;
  const details = {
    ...(cleanup && { id: name, cleanup }),
    polls: status.polls,
    ...(status.state && { state: status.state }),
  };
  return toApplicationFailure(withDetails(known, details, error));
}

/** An upload that failed without a name in its failure had not sent anything yet. */
function mayExist(error: GeminiFilesError | undefined, uploaded: boolean): boolean {
  if (uploaded || error === undefined) return true;
  return error.id !== undefined || error.name === 'UploadFailedError';
}

function isCorrupt(error: GeminiFilesError): boolean {
  return error.name === 'FileChangedError' || error.name === 'UploadFailedError';
}

function activeFile(state: WaitState): ActiveFile {
  const { file, polls, uploadedAt } = state;
  return {
    provider: PROVIDER,
    id: file.name,
    uri: file.uri,
    state: 'ACTIVE',
    mimeType: file.mimeType,
    sizeBytes: file.sizeBytes,
    sha256: file.sha256,
    displayName: file.displayName,
    expirationTime: file.expirationTime,
    polls,
    waitedMs: polls === 0 ? 0 : Date.now() - uploadedAt,
  };
}
