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
import type { ActivityDependencies } from './dependencies.js';
import { closesAt, failing, isShutdown } from './failures.js';
import { heartbeatWhile } from './heartbeat.js';
import { assertFileName } from './input.js';
import { openFile } from './open-file.js';

/**
 * Uploads the file under the given name. Another attempt, on another worker too, goes on from the session in the last
 * heartbeat, or adopts the file if it is already there.
 */
export async function upload(deps: ActivityDependencies, input: UploadInput): Promise<GeminiFile> {
  const { info } = Context.current();
  // Only a first attempt knows that nothing was sent before it.
  let sent = info.attempt > 1;
  return failing(
    () => (sent ? input.name : undefined),
    closesAt(info),
    async () => {
      const { name, ...file } = input;
      assertFileName(name);
      const options = resolveUploadOptions(file);
      const source = await openFile(options.path, deps.allowedRoots);
      try {
        const connection = await deps.connect(options.credentials);
        const mimeType = options.mimeType ?? (await detectMimeType(source));
        const displayName = options.displayName ?? basename(source.path).slice(0, BOUNDS.displayNameLength);
        const target = { name, displayName, mimeType };
        return await transferFile(connection, source, target, () => (sent = true));
      } finally {
        await source.close();
      }
    },
  );
}

async function transferFile(
  connection: GeminiConnection,
  source: FileSource,
  target: { name: string; displayName: string; mimeType: string },
  onSend: () => void,
): Promise<GeminiFile> {
  const context = Context.current();
  const earlier = (context.info.heartbeatDetails ?? undefined) as UploadHeartbeat | undefined;
  let beat: UploadHeartbeat = { bytesSent: 0, sizeBytes: source.sizeBytes, ...earlier };
  const resume = resumePoint(earlier, connection, target.name);
  return heartbeatWhile(
    () => beat,
    () => {
      onSend();
      return uploadFile(connection, {
        ...target,
        source,
        mayExist: context.info.attempt > 1,
        ...(resume && { resume }),
        signal: context.cancellationSignal,
        onProgress: (bytesSent) => (beat = { ...beat, bytesSent }),
        onCheckpoint: ({ session, ...point }) => {
          const sealed = session && sealSession(session, connection.apiKey, target.name);
          beat = { ...beat, ...point, ...(sealed && { session: sealed }) };
          context.heartbeat(beat);
        },
        // Only a cancellation ends the upload for good; otherwise the next attempt wants the session.
        keepSession: (reason) => isShutdown(reason) || !isCancelled(reason),
      });
    },
  );
}

function resumePoint(
  earlier: UploadHeartbeat | undefined,
  connection: GeminiConnection,
  name: string,
): ResumePoint | undefined {
  if (!earlier?.fingerprint) return undefined;
  const session = earlier.session ? openSession(earlier.session, connection.apiKey, name) : undefined;
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
