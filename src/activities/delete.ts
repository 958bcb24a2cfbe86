/** Activity `geminiFilesDelete`. */

import { Context, log } from '@temporalio/activity';
import type { DeleteInput } from '../contract/activities.js';
import {
  cancelUpload,
  deleteFile,
  GeminiApiError,
  openSession,
  type GeminiConnection,
  type UploadSession,
} from '../gemini/index.js';
import type { ActivityDependencies } from './dependencies.js';
import { closesAt, failing } from './failures.js';
import { deleteInput, nameOf } from './input.js';
import { withConnection } from './with-connection.js';

/** Attempts that may go into the cancelling of an upload; an upload that nobody sends ends by itself. */
const CANCEL_ATTEMPTS = 3;

/** Deletes the file; one that the provider denies counts as deleted. An upload that may still be open is ended first. */
export async function deleteUploaded(deps: ActivityDependencies, input: DeleteInput): Promise<void> {
  const { info, cancellationSignal } = Context.current();
  return failing(
    () => nameOf(input),
    closesAt(info),
    async () => {
      const checked = deleteInput(input);
      const { name, credentials } = checked;
      let session: UploadSession | undefined;
      let open: GeminiApiError | undefined;
      await withConnection(deps, credentials, async (connection) => {
        // Opened by the key that it was sealed under; ended by whichever is accepted.
        session ??= sessionOf(connection, checked);
        open = session && (await endSession(connection, session, cancellationSignal));
        try {
          await deleteFile(connection, name, cancellationSignal);
        } catch (error) {
          if (!(error instanceof GeminiApiError) || error.kind !== 'missing') throw error;
        }
      });
      log.info('File deleted', { file: name });
      // Deleted; once more, though, for what might still come of the upload.
      if (open && info.attempt < CANCEL_ATTEMPTS) throw open;
    },
  );
}

function sessionOf(
  { apiKey, baseUrl }: GeminiConnection,
  { session: sealed, name }: ReturnType<typeof deleteInput>,
): UploadSession | undefined {
  const session = sealed === undefined ? undefined : openSession(sealed, apiKey, name);
  return session && new URL(session.url).origin === baseUrl.origin ? session : undefined;
}

/** Returns the error where it is not known whether the upload is still open. */
async function endSession(
  connection: GeminiConnection,
  session: UploadSession,
  signal: AbortSignal,
): Promise<GeminiApiError | undefined> {
  try {
    await cancelUpload(connection, session, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof GeminiApiError)) throw error;
    // An ended session refuses to be cancelled; what it made is deleted next.
    return error.kind === 'connection' || error.kind === 'unavailable' ? error : undefined;
  }
}
