/** What a fault does before, during and after the work of a request. */

import { setTimeout as sleep } from 'node:timers/promises';
import { encodeSha256 } from './file-record.js';
import type { Fault, Persist, RespondFault } from './fault.js';
import type { Reply } from './reply.js';
import type { BodyPlan } from './request-body.js';
import type { UploadSession } from './upload-session.js';

/** How an exchange ends. */
export type Ending =
  | { readonly end: 'answer'; readonly reply: Reply }
  | { readonly end: 'cut'; readonly reply: Reply; readonly afterBytes: number }
  | { readonly end: 'reset' }
  | { readonly end: 'stall' };

/** Effects before anything of the request's body is read. `signal` ends a delay when the emulator closes. */
export async function beforeWork(
  fault: Fault | undefined,
  session: UploadSession | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (fault?.do === 'delay') await sleep(fault.ms, undefined, { signal });
  if (fault?.do === 'expireSession') session?.end('expired');
  if (fault?.do === 'terminateSession') session?.end('terminated');
  if (fault?.do === 'cancelSession') session?.end('cancelled');
  if (fault?.do === 'rollBack') session?.rollBack(fault.requests ?? 1);
}

/** The answer in place of the work, if the work is not to be done. */
export function insteadOfWork(fault: Fault | undefined): RespondFault | undefined {
  return fault?.do === 'respond' && fault.work !== 'after' ? fault : undefined;
}

/** How the request's body is read. A reading that stops ends the exchange as `afterWork` says. */
export function bodyPlan(fault: Fault | undefined, session: UploadSession | undefined): BodyPlan {
  if (fault?.do === 'pace') return { bytesPerSecond: fault.bytesPerSecond };
  if (fault?.do === 'stall' && fault.work !== 'after') return { stopAfter: fault.afterBytes ?? 0 };
  if (fault?.do !== 'reset') return {};
  const total = fault.afterTotalBytes;
  return { stopAfter: total === undefined ? (fault.afterBytes ?? 0) : total - (session?.received ?? 0) };
}

/** What an upload keeps of a broken request, if the fault defines it. */
export function persistOf(fault: Fault | undefined): Persist | undefined {
  return fault?.do === 'reset' || fault?.do === 'stall' ? fault.persist : undefined;
}

/** What becomes of the answer. */
export function afterWork(
  fault: Fault | undefined,
  reply: Reply,
  session: UploadSession | undefined,
): Ending {
  switch (fault?.do) {
    case 'reset':
    case 'loseAnswer':
      return { end: 'reset' };
    case 'stall':
      return { end: 'stall' };
    case 'cutAnswer':
      return { end: 'cut', reply, afterBytes: fault.afterBytes ?? 0 };
    case 'slowFinalize':
      if (fault.answer === 'reset') return { end: 'reset' };
      return { end: 'answer', reply: typeof fault.answer === 'object' ? replyOf(fault.answer) : reply };
    case 'respond':
      return { end: 'answer', reply: respond(fault, session) };
    case 'reportOffset':
      return { end: 'answer', reply: withOffset(reply, fault.bytes) };
    case 'stripUploadHeaders':
      return { end: 'answer', reply: { ...reply, headers: withoutUploadHeaders(reply.headers ?? {}) } };
    case 'omitState':
      return { end: 'answer', reply: withFiles(reply, (file) => ({ ...file, state: undefined })) };
    case 'wrongHash': {
      const sha256Hash = encodeSha256(fault.sha256 ?? '0'.repeat(64));
      return { end: 'answer', reply: withFiles(reply, (file) => ({ ...file, sha256Hash })) };
    }
    default:
      return { end: 'answer', reply };
  }
}

function respond(fault: RespondFault, session: UploadSession | undefined): Reply {
  if (fault.final && session?.state === 'active') session.end('terminated');
  return replyOf(fault, fault.final ? { 'X-Goog-Upload-Status': 'final' } : {});
}

type Scripted = Pick<RespondFault, 'status' | 'json' | 'text' | 'headers'>;

function replyOf({ status, json, text, headers }: Scripted, more: Record<string, string> = {}): Reply {
  return { status, body: json ?? text, headers: { ...more, ...headers } };
}

function withOffset(reply: Reply, bytes: number): Reply {
  return { ...reply, headers: { ...reply.headers, 'X-Goog-Upload-Size-Received': String(bytes) } };
}

function withoutUploadHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.toLowerCase().startsWith('x-goog-upload-')),
  );
}

type FileJson = Readonly<Record<string, unknown>>;

/** Changes the files in an answer: a bare one (get), a wrapped one (finalize) or a list. */
function withFiles(reply: Reply, change: (file: FileJson) => FileJson): Reply {
  if (typeof reply.body !== 'object') return reply;
  const body = reply.body as { file?: FileJson; files?: readonly FileJson[]; name?: string };
  if (body.file) return { ...reply, body: { ...body, file: change(body.file) } };
  if (body.files) return { ...reply, body: { ...body, files: body.files.map(change) } };
  return body.name === undefined ? reply : { ...reply, body: change(body) };
}
