/** A slow finalize, which continues after the client that sent it has left (provider fact F-FINALIZE-LATE). */

import type { Backend, Exchange } from './backend.js';
import { errorReply } from './error-bodies.js';
import type { SlowFinalizeFault } from './fault.js';
import { finalize } from './finalize.js';
import { Interrupted } from './interrupted.js';
import { ReplyError, type Reply } from './reply.js';
import { terminated } from './upload-replies.js';
import type { UploadSession } from './upload-session.js';

/** Starts the finalize; resolves with its answer when the fault lets the client have one. */
export async function finalizeSlowly(
  backend: Backend,
  exchange: Exchange,
  session: UploadSession,
  fault: SlowFinalizeFault,
): Promise<Reply> {
  const { clock } = backend;
  const outcome = new Promise<Reply>((resolve) => {
    clock.schedule(fault.ms, () => {
      resolve(outcomeOf(backend, session, fault));
      exchange.changed();
    });
  });
  session.beginFinalize({ fault, outcome });
  exchange.changed();
  if ((fault.answer ?? 'outcome') === 'outcome') return whileConnected(exchange, outcome);
  // `afterWork` puts the fault's own answer in the place of this one.
  const { answerAfterMs = 0 } = fault;
  if (answerAfterMs > 0)
    await whileConnected(exchange, new Promise<void>((resolve) => clock.schedule(answerAfterMs, resolve)));
  return { status: 200 };
}

/** `result`, unless the client leaves before: then throws Interrupted. */
export async function whileConnected<T>({ request }: Exchange, result: Promise<T>): Promise<T> {
  const { socket } = request;
  let onClose: (() => void) | undefined;
  const gone = new Promise<never>((_, reject) => {
    onClose = () => reject(new Interrupted('broken'));
    if (socket.destroyed) onClose();
    else socket.once('close', onClose);
  });
  try {
    return await Promise.race([result, gone]);
  } finally {
    if (onClose) socket.off('close', onClose);
  }
}

/** Never throws: the client may have left. */
function outcomeOf(backend: Backend, session: UploadSession, fault: SlowFinalizeFault): Reply {
  if (session.state === 'cancelled' && fault.cancel === 'stop') return terminated(backend).reply;
  try {
    return finalize(backend, session, fault.visibleAfterMs);
  } catch (error) {
    if (error instanceof ReplyError) return error.reply;
    session.abandonFinalize();
    return errorReply(500, `The emulator failed: ${String(error)}`);
  }
}
