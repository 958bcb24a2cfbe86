/** Data requests: `upload`, `upload, finalize` and `finalize`. */

import type { Backend, Exchange } from './backend.js';
import { notAMultiple, uploadError } from './error-bodies.js';
import { bodyPlan, persistOf } from './fault-effects.js';
import { finalize } from './finalize.js';
import { Interrupted } from './interrupted.js';
import { ReplyError, type Reply } from './reply.js';
import { bodyBytes, readBody } from './request-body.js';
import { finalizeSlowly, whileConnected } from './slow-finalize.js';
import { knownSession, terminated } from './upload-replies.js';
import type { SessionWriter, UploadSession } from './upload-session.js';

/** Takes the bytes of one request. If the headers decide the answer, it is sent before the body is read. */
export async function receiveData(backend: Backend, exchange: Exchange): Promise<Reply> {
  const session = knownSession(exchange);
  session.interrupt();
  const { finalization } = session;
  if (session.state === 'finalizing' && finalization?.fault.finalize === 'wait')
    return whileConnected(exchange, finalization.outcome);
  if (session.state !== 'active') throw terminated(backend);
  checkOffset(backend, session, exchange);
  const finalizes = exchange.route.command.includes('finalize');
  const announced = bodyBytes(exchange.request);
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
  if (!finalizes) return { status: 200, headers: { 'X-Goog-Upload-Status': 'active' } };
  const { fault } = exchange;
  if (fault?.do === 'slowFinalize') return finalizeSlowly(backend, exchange, session, fault);
  try {
    return finalize(backend, session, fault?.do === 'showLate' ? fault.ms : undefined);
  } catch (error) {
    // Neither the bytes nor the file: the client may send the whole request again.
    if (!(error instanceof ReplyError)) session.rollBack(1);
    throw error;
  }
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
  throw uploadError(options.wrongOffsetStatus, text, 'active');
}

/** Checks what a request brings, or says it will, against what the start declared (provider fact F-UPLOAD-LENGTH) and the granularity (F-UPLOAD-MULTIPLE). */
function checkLength(session: UploadSession, bytes: number, finalizes: boolean): void {
  const { declaredBytes } = session.start;
  const total = session.received + bytes;
  if (declaredBytes !== undefined && (total > declaredBytes || (finalizes && total !== declaredBytes))) {
    session.end('terminated');
    const text = `The upload has ${total} bytes, but its start declared ${declaredBytes}.`;
    throw uploadError(400, text, 'final');
  }
  if (!finalizes && bytes % session.granularity !== 0) {
    throw uploadError(400, notAMultiple(bytes, session.granularity), 'active');
  }
}
