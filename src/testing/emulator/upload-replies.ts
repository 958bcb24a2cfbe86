/** What the requests of an upload session have in common: the session itself, and answers about it. */

import type { Backend, Exchange } from './backend.js';
import { resourceOf } from './backend.js';
import { TERMINATED_TEXT, uploadError } from './error-bodies.js';
import { ReplyError, type Reply } from './reply.js';
import type { UploadSession } from './upload-session.js';

/** Throws 404 without a body for an upload URL that is unknown or too old (provider fact F-UPLOAD-UNKNOWN). */
export function knownSession({ session }: Exchange): UploadSession {
  if (!session || session.state === 'expired') throw new ReplyError({ status: 404 });
  return session;
}

export function terminated({ options }: Backend): ReplyError {
  return uploadError(400, TERMINATED_TEXT, options.terminatedStatus === 'final' ? 'final' : undefined);
}

/** The answer to a finalize, and to a query after it (provider facts F-FINALIZE-ANSWER, F-QUERY-FINAL); without a body once the file is gone. */
export function finalReply(backend: Backend, name: string): Reply {
  const record = backend.files.get(name);
  return {
    status: 200,
    headers: { 'X-Goog-Upload-Status': 'final' },
    body: record && { file: resourceOf(backend, record) },
  };
}
