/** Activity `geminiFilesDelete`. */

import { Context } from '@temporalio/activity';
import type { DeleteInput } from '../contract/activities.js';
import {
  cancelUpload,
  deleteFile,
  GeminiApiError,
  openSession,
  type GeminiConnection,
} from '../gemini/index.js';
import type { ActivityDependencies } from './dependencies.js';
import { closesAt, failing } from './failures.js';
import { assertFileName } from './input.js';

/** Deletes the file; one that the provider denies counts as deleted. An upload that may still be open is ended first. */
export async function deleteUploaded(deps: ActivityDependencies, input: DeleteInput): Promise<void> {
  const { info, cancellationSignal } = Context.current();
  return failing(
    () => input.name,
    closesAt(info),
    async () => {
      assertFileName(input.name);
      const connection = await deps.connect(input.credentials);
      if (typeof input.session === 'string')
        await endSession(connection, input.session, input.name, cancellationSignal);
      try {
        await deleteFile(connection, input.name, cancellationSignal);
      } catch (error) {
        if (!(error instanceof GeminiApiError) || error.kind !== 'missing') throw error;
      }
    },
  );
}

async function endSession(
  connection: GeminiConnection,
  sealed: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const session = openSession(sealed, connection.apiKey, name);
  if (!session || new URL(session.url).origin !== connection.baseUrl.origin) return;
  try {
    await cancelUpload(connection, session, signal);
  } catch (error) {
    // An ended session refuses to be cancelled; what it made is deleted next. Only without any answer is it worth a retry.
    if (!(error instanceof GeminiApiError) || error.kind === 'connection' || error.kind === 'unavailable')
      throw error;
  }
}
