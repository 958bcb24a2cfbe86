/** Data requests: `upload`, `upload, finalize` and `finalize`. */

import type { Backend, Exchange } from './backend.js';
import { resourceOf } from './backend.js';
import {
  errorReply,
  invalidArgument,
  notAMultiple,
  TERMINATED_TEXT,
  unsupportedMimeType,
  uploadError,
} from './error-bodies.js';
import { bodyPlan, persistOf } from './fault-effects.js';
import { Interrupted } from './interrupted.js';
import { ReplyError, type Reply } from './reply.js';
import { readBody } from './request-body.js';
import { checkRoom } from './upload-start.js';
import type { SessionWriter, UploadSession } from './upload-session.js';

/** Takes the bytes of one request. What can be told from its headers is answered before the body is read. */
export async function receiveData(backend: Backend, exchange: Exchange): Promise<Reply> {
  const session = knownSession(exchange);
  session.interrupt();
  if (session.state !== 'active') throw new ReplyError(terminated(backend));
  checkOffset(backend, session, exchange);
  const finalizes = exchange.route.command.includes('finalize');
  const announced = announcedBytes(exchange);
  if (announced !== undefined) checkLength(session, announced, finalizes);

  const writer = session.write(persistOf(exchange.fault) ?? backend.options.persistBroken, () => {
    exchange.request.socket.resetAndDestroy();
  });
  await receiveBody(exchange, session, writer);
  const sent = writer.offset - session.received;
  try {
    checkLength(session, sent, finalizes);
  } catch (error) {
    writer.discard();
    throw error;
  }
  writer.commit();
  return finalizes
    ? finalize(backend, session)
    : { status: 200, headers: { 'X-Goog-Upload-Status': 'active' } };
}

/** Throws 404 without a body for an upload URL that is unknown or too old: so python-genai#589. */
export function knownSession({ session }: Exchange): UploadSession {
  if (!session || session.state === 'expired') throw new ReplyError({ status: 404 });
  return session;
}

export function terminated({ options }: Backend): Reply {
  return uploadError(400, TERMINATED_TEXT, options.terminatedStatus === 'final' ? 'final' : undefined);
}

async function receiveBody(exchange: Exchange, session: UploadSession, writer: SessionWriter): Promise<void> {
  const { request, fault } = exchange;
  const limit = session.start.declaredBytes ?? Infinity;
  const end = await readBody(request, {
    ...bodyPlan(fault, session),
    onChunk: (chunk) => {
      if (writer.settled) return false;
      exchange.onBytes(chunk.length);
      writer.write(chunk);
      return writer.offset <= limit;
    },
  });
  if (end === 'broken' || writer.settled) {
    writer.breakOff();
    throw new Interrupted('broken');
  }
  if (end !== 'stopped') return;
  if (fault?.do === 'stall') request.socket.once('close', () => writer.breakOff());
  else writer.breakOff();
  throw new Interrupted('stopped');
}

function checkOffset({ options }: Backend, session: UploadSession, { route, record }: Exchange): void {
  const { offset } = record;
  if (offset === undefined && !route.command.includes('upload')) return;
  if (offset === session.received) return;
  const text =
    offset === undefined || !Number.isSafeInteger(offset) || offset < 0
      ? 'Invalid or missing X-Goog-Upload-Offset.'
      : options.wrongOffsetText(session.received, offset);
  throw new ReplyError(uploadError(options.wrongOffsetStatus, text, 'active'));
}

/** Checks what a request brings, or says it will, against what the start declared and the granularity. */
function checkLength(session: UploadSession, bytes: number, finalizes: boolean): void {
  const { declaredBytes } = session.start;
  const total = session.received + bytes;
  if (declaredBytes !== undefined && (total > declaredBytes || (finalizes && total !== declaredBytes))) {
    session.end('terminated');
    const text = `The upload has ${total} bytes, but its start declared ${declaredBytes}.`;
    throw new ReplyError(uploadError(400, text, 'final'));
  }
  if (!finalizes && bytes % session.granularity !== 0) {
    throw new ReplyError(uploadError(400, notAMultiple(bytes, session.granularity), 'active'));
  }
}

/** Undefined for a chunked body. */
function announcedBytes({ request }: Exchange): number | undefined {
  if (request.headers['transfer-encoding'] !== undefined) return undefined;
  return Number(request.headers['content-length'] ?? 0);
}

/** Makes the file. An error of the backend's ends the session and has `final`. */
function finalize(backend: Backend, session: UploadSession): Reply {
  const { owner, name, displayName, mimeType } = session.start;
  const { options } = backend;
  const sizeBytes = session.received;
  try {
    if (sizeBytes > options.maxFileBytes) {
      throw new ReplyError(
        errorReply(
          options.tooLargeStatus,
          `File size ${sizeBytes} is over the limit.`,
          [],
          'INVALID_ARGUMENT',
        ),
      );
    }
    if (sizeBytes === 0 && options.emptyFiles === 'reject')
      throw new ReplyError(invalidArgument('File is empty.'));
    if (options.rejectMimeType(mimeType)) throw new ReplyError(unsupportedMimeType(mimeType));
    checkRoom(backend, owner, name, sizeBytes);
  } catch (error) {
    session.end('terminated');
    if (!(error instanceof ReplyError)) throw error;
    const { reply } = error;
    throw new ReplyError({ ...reply, headers: { ...reply.headers, 'X-Goog-Upload-Status': 'final' } });
  }
  const file = backend.files.create({
    name,
    owner,
    displayName,
    mimeType,
    sizeBytes,
    sha256: session.sha256(),
  });
  session.end('final', file.name);
  return finalReply(backend, file.name);
}

/** The answer to a finalize, and to a query after it; without a body once the file is gone. */
export function finalReply(backend: Backend, name: string): Reply {
  const record = backend.files.get(name);
  return {
    status: 200,
    headers: { 'X-Goog-Upload-Status': 'final' },
    body: record && { file: resourceOf(backend, record) },
  };
}
