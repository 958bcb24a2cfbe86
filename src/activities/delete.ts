/** Activity `geminiFilesDelete`. */

import { Context, log } from '@temporalio/activity';
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

/** Attempts that may go into the cancelling of an upload; an upload that nobody sends ends by itself. */
const CANCEL_ATTEMPTS = 3;

/** Deletes the file; one that the provider denies counts as deleted. An upload that may still be open is ended first. */
export async function deleteUploaded(deps: ActivityDependencies, input: DeleteInput): Promise<void> {
  const { info, cancellationSignal } = Context.current();
  return failing(
    () => input.name,
    closesAt(info),
    async () => {
      assertFileName(input.name);
      const connection = await deps.connect(input.credentials);
      const open = await endSession(connection, input, cancellationSignal);
      try {
        await deleteFile(connection, input.name, cancellationSignal);
      } catch (error) {
        if (!(error instanceof GeminiApiError) || error.kind !== 'missing') throw error;
      }
      log.info('File deleted', { file: input.name });
      // Deleted; once more, though, for what might still come of the upload.
      if (open && info.attempt < CANCEL_ATTEMPTS) throw open;
    },
  );
}

/** Returns the error where it is not known whether the upload is still open. */
async function endSession(
  connection: GeminiConnection,
  { session: sealed, name }: DeleteInput,
  signal: AbortSignal,
): Promise<GeminiApiError | undefined> {
  const session = typeof sealed === 'string' ? openSession(sealed, connection.apiKey, name) : undefined;
  if (!session || new URL(session.url).origin !== connection.baseUrl.origin) return undefined;
  try {
    await cancelUpload(connection, session, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof GeminiApiError)) throw error;
    // An ended session refuses to be cancelled; what it made is deleted next.
    return error.kind === 'connection' || error.kind === 'unavailable' ? error : undefined;
  }
}
