/** One run: name, upload (unless somebody else uploaded the file), wait, and the compensation if it ends without an ACTIVE file. */

import { ensureTemporalFailure } from '@temporalio/common';
import { ContinueAsNew, log, uuid4 } from '@temporalio/workflow';
import type { UploadInput, UploadResult } from '../contract/activities.js';
import type { ActiveFile } from '../contract/file.js';
import { PROVIDER } from '../contract/names.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import { compensate } from './compensation.js';
import type { ActivityOverrides } from './activity-overrides.js';
import type { CarriedUpload } from './carried-upload.js';
import { parseUploadResult } from './activity-results.js';
import { assertInTime, uploadTime, uploadUntil, uploadWithin, waitUntil } from './end-within.js';
import { describeEnd } from './failures.js';
import { failWorkflowTask, isProgrammingError } from './fault.js';
import type { FileOptions } from './file-options.js';
import { isRoomUsed, keepRoom, roomUsedFailure, roomOfUpload } from './history-room.js';
import { activitiesFor, fileActivities } from './proxies.js';
import { uploadOnceThereIsRoom } from './quota-wait.js';
import { RunStatus } from './status.js';
import { deleteFileQuietly, rememberWait } from './deletion.js';
import { refuseUntaskedEvents } from './untasked-events.js';
import { foreignWait, lastState, type RunEnd, type WaitState } from './wait-state.js';
import { waitUntilActive, type Wait } from './wait.js';

export interface RunContext {
  /** Whether the run is a workflow of its own, not inline in another. */
  readonly isTopLevel: boolean;
  readonly carried?: WaitState;
  readonly overrides?: ActivityOverrides;
  /** When the run has to end, if it has to. */
  readonly end?: RunEnd;
  /** Of a run that is part of something else, which shows it. */
  readonly status?: RunStatus;
  /** Events of the history from which on `onLong` is called, if they are not those of an upload alone. */
  readonly historyLimit?: number;
  /** Of a run that can continue as new during its upload. */
  readonly upload?: {
    readonly carried?: CarriedUpload;
    /** Called with each attempt when it begins, and with undefined when it has ended. */
    readonly onAttempt: (attempt: CarriedUpload | undefined) => void;
    /** Called after each sleep until storage is free; throws to continue as new. */
    readonly onSlept: (carried: CarriedUpload) => Promise<void>;
  };
  /** Continues as new with the state; returns if that is not possible. */
  readonly onHistoryLarge: (state: WaitState) => Promise<void>;
}

export async function run(options: FileOptions, context: RunContext): Promise<ActiveFile> {
  refuseUntaskedEvents();
  // Chosen before anything is sent: every later step, the delete included, knows the name even if the upload's answer is lost.
  const carriedName = context.carried?.file.name ?? context.upload?.carried?.name;
  const name = carriedName ?? ('id' in options ? options.id : `files/${uuid4()}`);
  const status = context.status ?? new RunStatus(name, context.isTopLevel);
  const activities = fileActivities(options, context.overrides);
  const { end } = context;
  const room = keepRoom(roomOfUpload(options));
  let wait: Wait | undefined;
  try {
    if (isRoomUsed()) throw roomUsedFailure();
    wait = { state: context.carried ?? (await begin(name, options, context, status)) };
    const { polls, uploadedAt } = wait.state;
    const waitOptions = end ? waitUntil(end, options, wait.state) : options;
    const deadline = new Date(uploadedAt + waitOptions.timeout).toISOString();
    const state = lastState(wait.state) ?? null;
    status.update({ phase: 'processing', state, polls, deadline });
    if (polls === 0 && state !== 'ACTIVE')
      log.info('Waiting until the file is ACTIVE', { file: name, deadline });
    await waitUntilActive(
      wait,
      waitOptions,
      activities,
      status,
      context.onHistoryLarge,
      context.historyLimit,
    );
    if (end) assertInTime(end, wait.state, options);
    status.update({ phase: 'done', state: 'ACTIVE' });
    const file = activeFile(wait.state);
    rememberWait(file, wait.state);
    log.info('The file is ACTIVE', { file: name, polls: file.polls, waitedMs: file.waitedMs });
    return file;
  } catch (error) {
    if (isProgrammingError(error)) {
      await failWorkflowTask(error);
      throw error;
    }
    // The wait continues in the next run: nothing has failed.
    if (error instanceof ContinueAsNew) throw error;
    const failure = await compensate(ensureTemporalFailure(error), {
      name,
      ...(wait && { uploaded: wait.state }),
      earlierRuns: context.upload?.carried?.runs ?? [],
      options,
      activities,
      status,
    });
    log.warn('The run ends without an ACTIVE file', {
      file: name,
      polls: status.polls,
      ...describeEnd(failure),
    });
    throw failure;
  } finally {
    room.release();
  }
}

function begin(
  name: string,
  options: FileOptions,
  context: RunContext,
  status: RunStatus,
): Promise<WaitState> | WaitState {
  return 'id' in options ? foreignWait(options, context.end) : upload(name, options, context, status);
}

async function upload(
  name: string,
  options: ResolvedUploadOptions,
  { end, overrides, upload: handOver }: RunContext,
  status: RunStatus,
): Promise<WaitState> {
  const { path, source, displayName, mimeType, credentials } = options;
  const bounded = end ? uploadUntil(end, options, overrides) : overrides;
  const timeoutMs = uploadTime(options, bounded);
  const attempt = (leftMs: number, upload: CarriedUpload) => {
    const earlierRuns = upload.runs.length > 0 ? upload.runs : undefined;
    // JSON leaves out what is undefined.
    const input = { name, path, source, displayName, mimeType, credentials, earlierRuns } as UploadInput;
    const start = () => activitiesFor(options, uploadWithin(leftMs, bounded)).upload(input);
    // As in 0.1.0, this is the activity's own promise: one more `await` could change the order of commands if a workflow does other things meanwhile.
    return handOver ? handedOver(start, upload, handOver.onAttempt) : start();
  };
  const first = handOver?.carried ?? { name, until: Date.now() + timeoutMs, waits: 0, last: false, runs: [] };
  const uploaded =
    options.onQuotaFull === 'wait'
      ? await uploadOnceThereIsRoom({
          ...handOver,
          name,
          timeoutMs,
          upload: attempt,
          cleanUp: (hints) => deleteFileQuietly(activitiesFor(options, bounded), name, options, hints),
          status,
        })
      : await attempt(Math.max(1, first.until - Date.now()), first);
  const { keyFingerprint, earlierFinalize, ...file } = parseUploadResult(uploaded, name);
  return {
    file,
    uploadedAt: Date.now(),
    interval: options.pollInterval,
    polls: 0,
    missing: 0,
    keyFingerprint,
    earlierFinalize,
    end,
  } as WaitState;
}

async function handedOver(
  start: () => Promise<UploadResult>,
  upload: CarriedUpload,
  onAttempt: (attempt: CarriedUpload | undefined) => void,
): Promise<UploadResult> {
  onAttempt(upload);
  try {
    return await start();
  } finally {
    onAttempt(undefined);
  }
}

function activeFile({ file, polls, uploadedAt }: WaitState): ActiveFile {
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
