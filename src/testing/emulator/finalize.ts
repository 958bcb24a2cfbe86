/** Makes the file of an upload whose bytes are all there. */

import type { Backend } from './backend.js';
import { fileTooLarge, invalidArgument, unsupportedMimeType } from './error-bodies.js';
import { ReplyError, type Reply } from './reply.js';
import { finalReply } from './upload-replies.js';
import type { UploadSession } from './upload-session.js';
import { checkRoom } from './upload-start.js';

/**
 * Creates the file and answers with it. Throws the provider's refusal (provider fact F-FINALIZE-REFUSED), which ends the session and has `final`. Any other
 * error, such as a state file that cannot be written, leaves the store and the session as they were.
 *
 * @param visibleAfterMs - how long the file is denied to everyone, in place of the option `visibleAfter`
 */
export function finalize(backend: Backend, session: UploadSession, visibleAfterMs?: number): Reply {
  const { owner, name, displayName, mimeType } = session.start;
  const sizeBytes = session.received;
  try {
    checkContent(backend, mimeType, sizeBytes);
    checkRoom(backend, owner, name, sizeBytes);
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error;
    session.endFinalize('terminated');
    const { reply } = error;
    throw new ReplyError({ ...reply, headers: { ...reply.headers, 'X-Goog-Upload-Status': 'final' } });
  }
  const sha256 = session.sha256();
  const file = { name, owner, displayName, mimeType, sizeBytes, sha256, visibleAfterMs };
  const created = backend.files.create(file);
  session.endFinalize('final', created.name);
  return finalReply(backend, created.name);
}

function checkContent({ options }: Backend, mimeType: string, sizeBytes: number): void {
  if (sizeBytes > options.maxFileBytes)
    throw fileTooLarge(options.tooLargeStatus, `File size ${sizeBytes} is over the limit.`);
  if (sizeBytes === 0 && options.emptyFiles === 'reject') throw invalidArgument('File is empty.');
  if (options.rejectMimeType(mimeType)) throw unsupportedMimeType(mimeType);
}
