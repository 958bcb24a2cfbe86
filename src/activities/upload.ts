/** Activity `geminiFilesUpload`. */

import { basename } from 'node:path';
import { Context } from '@temporalio/activity';
import type { UploadHeartbeat, UploadInput } from '../contract/activities.js';
import type { GeminiFile } from '../contract/file.js';
import { BOUNDS, resolveUploadOptions } from '../contract/options.js';
import {
  detectMimeType,
  openSession,
  sealSession,
  uploadFile,
  type FileSource,
  type GeminiConnection,
  type ResumePoint,
} from '../gemini/index.js';
import { loadSdk } from '../gemini/sdk.js';
import type { ActivityDependencies, UploadThrottle } from './dependencies.js';
import { deadlineSignal, isDeadline } from './deadline.js';
import { closesAt, failing } from './failures.js';
import { heartbeatWhile } from './heartbeat.js';
import { nameOf, uploadInput } from './input.js';
import { openFile } from './open-file.js';
import { withConnection } from './with-connection.js';
import { UploadGauges } from './upload-gauges.js';

/**
 * Uploads the file under the given name. Another attempt, on another worker too, goes on from the session in the last
 * heartbeat, or adopts the file if it is already there.
 */
export async function upload(deps: ActivityDependencies, input: UploadInput): Promise<GeminiFile> {
  const { info, cancellationSignal } = Context.current();
  const { throttle } = deps;
  const progress: Progress = {
    beat: (info.heartbeatDetails ?? undefined) as UploadHeartbeat | undefined,
    // Only a first attempt knows that nothing was sent before it.
    sent: info.attempt > 1,
    point: undefined,
  };
  return failing(
    () => (progress.sent ? nameOf(input) : undefined),
    closesAt(info),
    // From the start: a slow disk, or a slow source of the key, is no dead worker.
    () =>
      heartbeatWhile(
        () => progress.beat,
        () =>
          throttle
            ? throttle.inTurn(() => openAndTransfer(deps, input, progress), cancellationSignal)
            : openAndTransfer(deps, input, progress),
      ),
  );
}

/** What is known of the upload outside of it. */
interface Progress {
  /** Details of the next heartbeat; of an earlier attempt until this one has its own. */
  beat: UploadHeartbeat | undefined;
  /** Whether the provider may have heard of the file. */
  sent: boolean;
  /** Where the upload stands: of this attempt, or what it could read of an earlier one's heartbeat. */
  point: ResumePoint | undefined;
}

async function openAndTransfer(
  deps: ActivityDependencies,
  input: UploadInput,
  progress: Progress,
): Promise<GeminiFile> {
  const { name, ...file } = uploadInput(input);
  const options = resolveUploadOptions(file);
  const source = await openFile(options.path, deps.allowedRoots);
  try {
    return await withConnection(deps, options.credentials, async (connection) => {
      const mimeType = options.mimeType ?? (await detectMimeType(source));
      const displayName = options.displayName ?? basename(source.path).slice(0, BOUNDS.displayNameLength);
      return transferFile(connection, source, { name, displayName, mimeType }, progress, deps.throttle);
    });
  } finally {
    await source.close();
  }
}

async function transferFile(
  connection: GeminiConnection,
  source: FileSource,
  target: { name: string; displayName: string; mimeType: string },
  progress: Progress,
  throttle?: UploadThrottle,
): Promise<GeminiFile> {
  const context = Context.current();
  // After a key that was refused in mid-upload, the session of this very attempt, which its seal hides from the next key.
  const resume = progress.point?.session
    ? progress.point
    : resumePoint(progress.beat, connection, target.name);
  progress.point = resume;
  const mayExist = progress.sent;
  const beat = (news: Partial<UploadHeartbeat>) =>
    (progress.beat = { bytesSent: 0, ...progress.beat, sizeBytes: source.sizeBytes, ...news });
  // Sealed anew: the next attempt has this key.
  if (resume?.session)
    context.heartbeat(beat({ session: sealSession(resume.session, connection.apiKey, target.name) }));
  // Where it is missing nothing is sent, and there is nothing to clean up.
  await loadSdk();
  progress.sent = true;
  const { scheduleToCloseTimeoutMs } = context.info;
  const deadline = deadlineSignal(target.name, closesAt(context.info), scheduleToCloseTimeoutMs);
  const gauges = new UploadGauges(target.name, source.sizeBytes);
  gauges.started(target.mimeType);
  let file: GeminiFile | undefined;
  try {
    file = await uploadFile(connection, {
      ...gauges.hooks,
      ...target,
      source,
      mayExist,
      ...(resume && { resume }),
      ...(throttle?.pace && { pace: throttle.pace() }),
      signal: AbortSignal.any([context.cancellationSignal, deadline.signal]),
      onProgress: (bytesSent) => beat({ bytesSent }),
      onCheckpoint: (reached) => {
        progress.point = reached;
        const { session, ...point } = reached;
        const sealed = session && sealSession(session, connection.apiKey, target.name);
        context.heartbeat(beat({ ...point, ...(sealed && { session: sealed }) }));
      },
      // Only a cancellation and the deadline end the upload for good; otherwise the next attempt wants the session.
      keepSession: (reason) => !isCancelled(reason) && !isDeadline(reason),
    });
    return file;
  } finally {
    deadline.clear();
    gauges.ended(file?.state);
  }
}

function resumePoint(
  earlier: UploadHeartbeat | undefined,
  connection: GeminiConnection,
  name: string,
): ResumePoint | undefined {
  if (!earlier?.fingerprint) return undefined;
  const session =
    typeof earlier.session === 'string' ? openSession(earlier.session, connection.apiKey, name) : undefined;
  const { fingerprint, prefixBytes, prefixSha256 } = earlier;
  return {
    // A worker with another base URL can't use it.
    ...(session && new URL(session.url).origin === connection.baseUrl.origin && { session }),
    fingerprint,
    ...(prefixBytes !== undefined && { prefixBytes }),
    ...(prefixSha256 !== undefined && { prefixSha256 }),
  };
}

function isCancelled(reason: unknown): boolean {
  return reason instanceof Error && reason.message === 'CANCELLED';
}
