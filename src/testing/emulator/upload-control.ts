/** Query and cancel of an upload (provider facts F-QUERY-OFFSET, F-QUERY-FINAL, F-QUERY-CANCELLED). */

import type { Backend, Exchange } from './backend.js';
import { TERMINATED_TEXT, uploadError } from './error-bodies.js';
import { ReplyError, type Reply } from './reply.js';
import { whileConnected } from './slow-finalize.js';
import { finalReply, knownSession, terminated } from './upload-replies.js';
import type { UploadSession } from './upload-session.js';

/** The session's offset. A data request that is still under way is cut off first, so that the offset stays true. */
export async function queryUpload(backend: Backend, exchange: Exchange): Promise<Reply> {
  const session = knownSession(exchange);
  session.interrupt();
  const finalization = session.state === 'finalizing' ? session.finalization : undefined;
  if (finalization?.fault.query === 'wait') await whileConnected(exchange, finalization.outcome);
  if (session.state === 'final') return queryAfterFinal(backend, session);
  if (session.state === 'cancelled') throw new ReplyError(cancelled(410));
  const open = session.state === 'active' || session.state === 'finalizing';
  if (!open || (finalization && finalization.fault.query === 'refuse')) throw terminated(backend);
  return {
    status: 200,
    headers: { 'X-Goog-Upload-Status': 'active', 'X-Goog-Upload-Size-Received': String(session.received) },
  };
}

/** Cancelling a final session is an error (provider fact F-CANCEL-ANSWER); a second cancel says 410 (assumed: F-CANCEL-AGAIN). A finalize in progress says itself what it does. */
export function cancelUpload(backend: Backend, exchange: Exchange): Reply {
  const session = knownSession(exchange);
  if (session.state === 'cancelled') throw new ReplyError(cancelled(410));
  if (session.state === 'finalizing') {
    if ((session.finalization?.fault.cancel ?? 'refuse') === 'refuse') throw terminated(backend);
  } else if (session.state !== 'active') throw uploadError(400, TERMINATED_TEXT, 'final');
  session.end('cancelled');
  return cancelled(200);
}

function queryAfterFinal(backend: Backend, session: UploadSession): Reply {
  const reply = finalReply(backend, session.fileName ?? '');
  const headers = { ...reply.headers, 'X-Goog-Upload-Size-Received': String(session.received) };
  return { ...reply, headers, body: backend.options.queryAfterFinal === 'file' ? reply.body : undefined };
}

function cancelled(status: number): Reply {
  return { status, headers: { 'X-Goog-Upload-Status': 'cancelled' } };
}
