/** A whole upload: session after session if need be, until the file stands at the provider, verified, or an error says why not. */

import { FileChangedError, UploadFailedError } from '../contract/errors.js';
import type { GeminiFile } from '../contract/file.js';
import { GeminiApiError } from './api-error.js';
import { hiderFor, type GeminiConnection } from './connection.js';
import { getFile } from './files-api.js';
import { checkpoint, type Attempt, type UploadFileInput } from './attempt.js';
import { loadSdk } from './sdk.js';
import { ContentHash } from './source.js';
import { transfer } from './transfer.js';
import { cancelUpload, startUpload, type UploadSession } from './upload-protocol.js';

/** Sessions that may die in one attempt before it is given up; Temporal's retry policy has the word then. */
const MAX_SESSIONS = 2;

/** Bound of the request that ends a session which is not wanted any more, in milliseconds. */
const CANCEL_TIMEOUT_MS = 1500;

/**
 * Uploads the file under `name`, resuming where a session is given and still open, and adopting a file that an earlier
 * attempt left there after its size and hash are verified.
 *
 * @throws MissingDependencyError where the SDK is not installed, which the later requests for the file need
 * @throws FileChangedError where the file changed on disk; the session is cancelled
 * @throws UploadFailedError where the provider holds other content than was sent
 * @throws GeminiApiError for what the provider, or the way to it, refuses
 */
export async function uploadFile(connection: GeminiConnection, input: UploadFileInput): Promise<GeminiFile> {
  const attempt: Attempt = { connection, input, hash: new ContentHash(input.source) };
  let session = input.resume?.session;
  // Nothing is sent that could be neither looked at nor deleted afterwards.
  await loadSdk();
  try {
    await assertUnchanged(attempt);
    if (!session && input.mayExist) {
      const file = await adopt(attempt);
      if (file) return file;
    }
    for (let sessions = 1; ; sessions += 1) {
      const resumed = session !== undefined;
      try {
        session ??= await open(attempt);
        return await verified(attempt, await transfer(attempt, session, resumed));
      } catch (error) {
        if (!(error instanceof GeminiApiError) || (error.kind !== 'session' && error.kind !== 'taken'))
          throw error;
        session = undefined;
        // A session also ends by having done its work, with the answer lost; then the name is taken, by this file.
        const file = await adopt(attempt);
        if (file) return file;
        if (error.kind === 'taken' || sessions >= MAX_SESSIONS) throw error;
        input.onEvent?.({ type: 'restarted', error });
      }
    }
  } catch (error) {
    if (session) await dropSession(attempt, session, error);
    throw error;
  }
}

async function open(attempt: Attempt): Promise<UploadSession> {
  const { connection, input } = attempt;
  const { name, displayName, mimeType, source } = input;
  const start = { name, displayName, mimeType, sizeBytes: source.sizeBytes };
  const session = await startUpload(connection, start, input.signal);
  checkpoint(attempt, session);
  return session;
}

async function assertUnchanged({ input, hash }: Attempt): Promise<void> {
  const { resume, source } = input;
  if (!resume) return;
  await source.assertSame(resume.fingerprint);
  if (!resume.prefixBytes || !resume.prefixSha256) return;
  await hash.advanceTo(Math.min(resume.prefixBytes, source.sizeBytes), input.signal);
  if (hash.digest() !== resume.prefixSha256)
    throw source.changed('its content is another than what was sent before');
}

/** The file that stands under the name already, if there is one. */
async function adopt(attempt: Attempt): Promise<GeminiFile | undefined> {
  const { connection, input } = attempt;
  try {
    const file = await verified(attempt, await getFile(connection, input.name, input.signal));
    input.onEvent?.({ type: 'adopted' });
    return file;
  } catch (error) {
    if (error instanceof GeminiApiError && error.kind === 'missing') return undefined;
    throw error;
  }
}

async function verified({ connection, input, hash }: Attempt, file: GeminiFile): Promise<GeminiFile> {
  const { source, signal, name } = input;
  if (file.name !== name) {
    throw new UploadFailedError(
      // Its name is the server's, and may hold anything.
      `The provider answered the upload of ${name} with another file, ${hiderFor(connection)(file.name)}`,
      { id: name },
    );
  }
  await hash.advanceTo(source.sizeBytes, signal);
  const sha256 = hash.digest();
  await source.assertContent(sha256);
  if (file.sizeBytes !== source.sizeBytes || (file.sha256 !== '' && file.sha256 !== sha256)) {
    // What an earlier attempt sent differs from the disk: the file, not the way, is the likely culprit.
    const Type = input.resume || input.mayExist ? FileChangedError : UploadFailedError;
    throw new Type(
      `${name} at the provider is not ${source.path}: ${file.sizeBytes} bytes with SHA-256 ${file.sha256 || 'unknown'}, ` +
        `expected ${source.sizeBytes} bytes with ${sha256}`,
      { id: name, state: file.state },
    );
  }
  return { ...file, sha256, displayName: file.displayName || input.displayName };
}

async function dropSession(
  { connection, input }: Attempt,
  session: UploadSession,
  error: unknown,
): Promise<void> {
  const aborted = input.signal?.aborted === true;
  const unwanted =
    error instanceof FileChangedError || (aborted && !input.keepSession?.(input.signal?.reason));
  if (!unwanted) return;
  // Best effort: an open session holds no file, and the provider forgets it.
  await cancelUpload(connection, session, AbortSignal.timeout(CANCEL_TIMEOUT_MS)).catch(() => undefined);
}
