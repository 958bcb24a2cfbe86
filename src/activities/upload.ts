/**
 * Activity `geminiFilesUpload`: one attempt.
 *
 * U1. Temporal has stored the session before its first byte is sent, and `finalizing` before the bytes that complete the
 *     file are sent. So the clean-up knows whether the provider can have, or can still create, the file.
 * U2. An attempt uses one session at most. If anyone has ended it, the attempt ends: only Temporal, which knows whether the
 *     attempt is still the current one, decides whether another session is opened.
 * U3. The attempt sends nothing of the file if Temporal does not confirm that it is the current one (`heartbeat.ts`). It opens no
 *     session either, unless nothing came before it: see U5.
 * U4. `finalizing` is kept when a session is lost: its file may appear later (provider fact F-FINALIZE-LATE).
 * U5. A first attempt opens its session before Temporal has answered, and its first heartbeat waits for that session for a moment. At
 *     worst, if its worker dies or has been cut off, a session is left of which Temporal knows nothing, as if the worker had died
 *     right after the start of any attempt; the next attempt then expects that there may be a file. The session can't create one: its
 *     URL was in that worker's memory alone, which sends into it only after U1.
 */

import { Context } from '@temporalio/activity';
import type { UploadInput, UploadResult } from '../contract/activities.js';
import { BOUNDS } from '../contract/options.js';
import {
  detectMimeType,
  keyFingerprint,
  uploadFile,
  type GeminiConnection,
  type GeminiFile,
  type UploadFileInput,
  type UploadSource,
} from '../gemini/index.js';
import { loadSdk } from '../gemini/sdk.js';
import { openSource } from '../sources/index.js';
import { StopRequestedError } from './attempt-stopped.js';
import { AttemptState } from './attempt-state.js';
import { attemptTime, type AttemptTime } from './attempt-time.js';
import type { ActivityDependencies, UploadThrottle } from './dependencies.js';
import { deadlineSignal, isDeadline } from './deadline.js';
import { withFailureMapping } from './failures.js';
import { withHeartbeat, type Heartbeat } from './heartbeat.js';
import { lastBeatOf } from './earlier-runs.js';
import { earlierRuns, nameOf, uploadInput } from './input.js';
import { resumePoint, storedFingerprint, storedSession, traceOf } from './session-carrier.js';
import { unreachableTooLong } from './unreachable.js';
import { withKeyRotation } from './with-key-rotation.js';
import { UploadTelemetry } from './upload-telemetry.js';

/**
 * Milliseconds before a first attempt sends a heartbeat. A session that is open by then goes with the first heartbeat, so that a small
 * file waits for one answer of Temporal and not for two.
 */
export const FIRST_HEARTBEAT_MS = 250;

/**
 * Uploads the file under the given name. Another attempt, on another worker too, continues the session in the last
 * heartbeat, or adopts the file if it exists already.
 */
export async function upload(deps: ActivityDependencies, input: UploadInput): Promise<UploadResult> {
  const { info } = Context.current();
  const { throttle } = deps;
  const time = attemptTime(info);
  const state = new AttemptState(info, await lastBeatOf(earlierRuns(input), nameOf(input)));
  const isUnreachable = unreachableTooLong(deps);
  return withFailureMapping(
    {
      id: () => (state.sent ? nameOf(input) : undefined),
      leftMs: time.leftMs,
      isFinal: (error) => Object.keys(traceOf(state.beat)).length === 0 && isUnreachable(error),
      trace: () => traceOf(state.beat),
    },
    // From the start: a slow disk, or a slow source of the key, does not mean that the worker is dead.
    () =>
      withHeartbeat(
        () => state.beat,
        (heartbeat) => {
          const work = () => openAndTransfer({ deps, input, state, heartbeat, time });
          return throttle ? throttle.runInSlot(work, heartbeat.ended) : work();
        },
        state.sent ? 0 : FIRST_HEARTBEAT_MS,
      ),
  );
}

interface Attempt {
  readonly deps: ActivityDependencies;
  readonly input: UploadInput;
  readonly state: AttemptState;
  readonly heartbeat: Heartbeat;
  readonly time: AttemptTime;
}

async function openAndTransfer(attempt: Attempt): Promise<UploadResult> {
  const { deps, input, state } = attempt;
  const { name, ...options } = uploadInput(input);
  const { info } = Context.current();
  const signal = attempt.heartbeat.ended;
  const source = await openSource(options, deps, { attempt: info.attempt, signal });
  try {
    return await withKeyRotation(deps, options.credentials, async (connection) => {
      const mimeType = options.mimeType ?? (await detectMimeType(source));
      const displayName =
        options.displayName ?? source.name.slice(0, BOUNDS.displayNameLength).toWellFormed();
      const uploaded = await transferFile(attempt, connection, source, { name, displayName, mimeType });
      const { earlierFinalize } = state.beat;
      return {
        ...uploaded,
        keyFingerprint: keyFingerprint(connection.apiKey),
        ...(earlierFinalize && { earlierFinalize }),
      };
    });
  } finally {
    await source.close();
  }
}

async function transferFile(
  { state, heartbeat, time, deps }: Attempt,
  connection: GeminiConnection,
  source: UploadSource,
  target: { name: string; displayName: string; mimeType: string },
): Promise<GeminiFile> {
  // After a key was rotated in mid-upload, the session in memory: the one in the heartbeat is sealed under the old key.
  const resume = state.point?.session ? state.point : resumePoint(state.beat, connection, target.name);
  state.point = resume;
  const mayExist = state.sent;
  const finalizedBefore = state.beat.finalizing === true;
  state.update({ sizeBytes: source.sizeBytes });
  if (resume?.session) state.uses(storedSession(resume.session, connection, target.name));
  // If the SDK is missing, nothing is sent, and there is nothing to clean up.
  await loadSdk();
  // The next attempt can use a newly sealed session only if Temporal has received it.
  if (resume?.session) await heartbeat.record();
  else if (mayExist) await heartbeat.confirm();
  state.sent = true;
  const deadline = deadlineSignal(target.name, time);
  const telemetry = new UploadTelemetry(target.name, source.sizeBytes);
  telemetry.started(target.mimeType);
  let file: GeminiFile | undefined;
  try {
    file = await uploadFile(connection, {
      ...telemetry.hooks,
      ...permissions(state, mayExist, heartbeat, deps.throttle),
      ...target,
      source,
      mayExist,
      ...(resume && { resume }),
      signal: AbortSignal.any([heartbeat.ended, deadline.signal]),
      onCheckpoint: (point) => {
        state.point = point;
        const { session, fingerprint, ...reached } = point;
        state.update({ requestBytes: undefined, ...reached, fingerprint: storedFingerprint(fingerprint) });
        if (session) state.uses(storedSession(session, connection, target.name));
      },
      onFinalizeRefused: () => {
        if (!finalizedBefore) state.update({ finalizing: undefined });
      },
      onSessionLost: async () => {
        state.lost();
        await heartbeat.record();
      },
      // Only a cancellation and the deadline end the upload for good; otherwise the next attempt continues the session.
      keepSession: (reason) => !isCancelled(reason) && !isDeadline(reason),
    });
    return file;
  } catch (error) {
    // The next attempt, if there is one, would begin with as long a request as the one that has failed. Temporal may have stored another
    // length in mid-attempt.
    const isOver = heartbeat.ended.aborted || deadline.signal.aborted;
    if (state.beat.requestBytes !== undefined && !isOver) await heartbeat.offer();
    throw error;
  } finally {
    deadline.clear();
    telemetry.ended(file?.state);
  }
}

/** Asks Temporal before anything is sent that a superseded attempt must not send (U1, U3, U5). */
function permissions(
  state: AttemptState,
  mayExist: boolean,
  heartbeat: Heartbeat,
  throttle?: UploadThrottle,
): Pick<UploadFileInput, 'onProgress' | 'beforeStep' | 'pace'> {
  return {
    beforeStep: async (step) => {
      if (step === 'start') {
        // One that is stored cannot be used: its key is not this one, or its server.
        state.lost();
        return mayExist ? heartbeat.confirm() : heartbeat.assertCurrent();
      }
      if (step === 'finalize') state.update({ finalizing: true });
      await heartbeat.record();
    },
    onProgress: (bytesSent) => {
      heartbeat.assertCurrent();
      state.update({ bytesSent });
    },
    ...(throttle?.pace && { pace: throttle.pace() }),
  };
}

function isCancelled(reason: unknown): boolean {
  if (reason instanceof StopRequestedError) return reason.reason === 'cancelled';
  return reason instanceof Error && reason.message === 'CANCELLED';
}
