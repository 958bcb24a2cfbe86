/**
 * One attempt at an upload: it opens or continues one session, sends the file, and verifies what the provider has.
 *
 * A1. An attempt uses one session at most. If anyone has ended it (another process, the clean-up, the provider), the caller
 *     decides whether there is another attempt: only the caller knows whether the upload is still wanted.
 * A2. Before a session is opened or given up, the file is looked for: a session also ends by having done its work
 *     (provider facts F-FINALIZE-LOST and F-FINALIZE-LATE).
 * A3. A name that is in use (409) is in use by this upload's own file, which may not be visible yet (provider facts
 *     F-START-NAME-TAKEN and F-GET-LATE): the attempt fails as retryable, and a later one adopts the file.
 * A4. Nothing is returned whose size and SHA-256 are not those of the source.
 */

import { FileChangedError, UploadFailedError } from '../contract/errors.js';
import type { GeminiFile } from '../contract/file.js';
import { GeminiApiError } from './api-error.js';
import { hiderFor, type GeminiConnection } from './connection.js';
import { getFile } from './files-api.js';
import { checkpoint, type Attempt, type UploadFileInput } from './attempt.js';
import { loadSdk } from './sdk.js';
import { ContentHash } from './content-hash.js';
import { transfer } from './transfer.js';
import { cancelUpload, startUpload, type UploadSession } from './upload-protocol.js';
import { sourceChanged } from './upload-source.js';
import { withTimeout } from '../util/with-timeout.js';

/** Bound of the request that ends a session which is not wanted any more, in milliseconds. */
const CANCEL_TIMEOUT_MS = 1500;

/**
 * Uploads the file under `name`. It continues the session in `resume` if that is still open, and adopts a file that an
 * earlier attempt created, after its size and hash are verified.
 *
 * @param connection - the base URL, the key and how requests are made
 * @param input - the source, the name, and what is called on the way
 * @throws MissingDependencyError if the SDK is not installed, which the later requests for the file need
 * @throws FileChangedError if the file changed at its source; the session is cancelled
 * @throws SourceError if the disk of a `FileSource` does not answer for a minute
 * @throws UploadFailedError if the provider holds other content than was sent
 * @throws GeminiApiError for what the provider, or the network on the way to it, refuses. Of kind `session-lost` if the session
 *   has been ended, and `name-conflict` if the name is in use and the file is not visible: call again, with `mayExist`
 *
 * @example
 * ```ts
 * import { open } from 'node:fs/promises';
 * import { FileSource, parseBaseUrl, uploadFile } from 'temporal-gemini-files/gemini';
 *
 * const connection = { baseUrl: parseBaseUrl(), apiKey: process.env.GEMINI_API_KEY ?? '' };
 * const source = await FileSource.of(await open('clip.mp4'), 'clip.mp4');
 * try {
 *   const input = { source, name: 'files/my-clip', displayName: 'clip.mp4', mimeType: 'video/mp4' };
 *   const file = await uploadFile(connection, input);
 *   console.log(file.state);
 * } finally {
 *   await source.close();
 * }
 * ```
 */
export async function uploadFile(connection: GeminiConnection, input: UploadFileInput): Promise<GeminiFile> {
  const attempt: Attempt = {
    connection,
    input,
    hash: new ContentHash(input.source),
    forNext: input.resume?.requestBytes,
  };
  let session = input.resume?.session;
  // Fail before anything is sent: without the SDK the file could be neither checked nor deleted.
  await loadSdk();
  try {
    await assertUnchanged(attempt);
    if (!session && input.mayExist) {
      const file = await adopt(attempt);
      if (file) return file;
    }
    const resumed = session !== undefined;
    session ??= await openSession(attempt);
    return await verify(attempt, await transfer(attempt, session, resumed));
  } catch (error) {
    if (isEnded(error)) return await adoptOrEnd(attempt, error);
    if (session) await dropSession(attempt, session, error);
    throw error;
  }
}

/** Whether the session has been ended, or the name is in use. */
function isEnded(error: unknown): error is GeminiApiError {
  return error instanceof GeminiApiError && (error.kind === 'session-lost' || error.kind === 'name-conflict');
}

async function adoptOrEnd(attempt: Attempt, error: GeminiApiError): Promise<GeminiFile> {
  const { onEvent, onSessionLost } = attempt.input;
  onEvent?.({ type: 'session-lost', error });
  await onSessionLost?.();
  const file = await adopt(attempt);
  if (file) return file;
  throw error;
}

async function openSession(attempt: Attempt): Promise<UploadSession> {
  const { connection, input } = attempt;
  const { name, displayName, mimeType, source } = input;
  const start = { name, displayName, mimeType, sizeBytes: source.sizeBytes };
  await input.beforeStep?.('start');
  const session = await startUpload(connection, start, input.signal);
  checkpoint(attempt, session);
  return session;
}

async function assertUnchanged({ input, hash }: Attempt): Promise<void> {
  const { resume, source } = input;
  if (!resume) return;
  // Another mount of the same disk may tell another time of change, so the hashes decide: of what was sent before, and of the whole.
  await source.assertUnchanged(source.local ? { ...resume.fingerprint, version: '' } : resume.fingerprint);
  if (!resume.prefixBytes || !resume.prefixSha256) return;
  await hash.advanceTo(Math.min(resume.prefixBytes, source.sizeBytes), input.signal);
  if (hash.digest() !== resume.prefixSha256)
    throw sourceChanged(source, 'its content is not what was sent before');
}

/** Whether an earlier attempt saw the source as it is now; an empty version says nothing. */
function isSameVersion({ resume, source: { fingerprint } }: UploadFileInput): boolean {
  return !resume?.fingerprint.version || resume.fingerprint.version === fingerprint.version;
}

/** The file that has the name already, if there is one. */
async function adopt(attempt: Attempt): Promise<GeminiFile | undefined> {
  const { connection, input } = attempt;
  try {
    const file = await verify(attempt, await getFile(connection, input.name, input.signal));
    input.onEvent?.({ type: 'adopted' });
    return file;
  } catch (error) {
    if (error instanceof GeminiApiError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

async function verify({ connection, input, hash }: Attempt, file: GeminiFile): Promise<GeminiFile> {
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
  if (file.sha256 === '' && !isSameVersion(input))
    throw sourceChanged(
      source,
      'its modification time has changed, and the provider tells no hash of what it has',
    );
  if (file.sizeBytes !== source.sizeBytes || (file.sha256 !== '' && file.sha256 !== sha256)) {
    // What an earlier attempt sent differs from the disk: the file, not the way, is the likely culprit.
    const Type = input.resume || input.mayExist ? FileChangedError : UploadFailedError;
    throw new Type(
      `${name} at the provider is not ${source.label}: ${file.sizeBytes} bytes with SHA-256 ${file.sha256 || 'unknown'}, ` +
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
  try {
    await cancelUpload(connection, session, withTimeout(CANCEL_TIMEOUT_MS));
    await input.onSessionLost?.();
  } catch {
    // Best effort: an open session holds no file, and the caller still knows the session.
  }
}
