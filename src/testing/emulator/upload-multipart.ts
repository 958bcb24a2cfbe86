/** A whole upload in one `multipart/related` request, as older clients send it (provider fact F-START-MULTIPART). */

import type { Backend, Exchange } from './backend.js';
import { fileTooLarge } from './error-bodies.js';
import { bodyPlan } from './fault-effects.js';
import { finalize } from './finalize.js';
import { Interrupted } from './interrupted.js';
import { boundaryOf, malformed, MultipartBody } from './multipart-body.js';
import type { Reply } from './reply.js';
import { readBody } from './request-body.js';
import type { SessionWriter, UploadSession } from './upload-session.js';
import { openSession } from './upload-start.js';

/** @param parse - reads the JSON of the first part */
export async function uploadMultipart(
  backend: Backend,
  exchange: Exchange,
  owner: string,
  parse: (text: string) => unknown,
): Promise<Reply> {
  const { request, fault, onBytes } = exchange;
  const { maxFileBytes, tooLargeStatus } = backend.options;
  const body = new MultipartBody(boundaryOf(request.headers['content-type']));
  let upload: { readonly session: UploadSession; readonly writer: SessionWriter } | undefined;
  let refused: unknown;
  const take = (chunk: Buffer): void => {
    const content = body.push(chunk);
    if (!body.head) return;
    upload ??= begin(body.head.json, body.head.contentType);
    upload.writer.write(content);
    if (upload.writer.offset > maxFileBytes)
      throw fileTooLarge(tooLargeStatus, `File size is over the limit of ${maxFileBytes} bytes.`);
  };
  const begin = (json: string, contentType: string | undefined) => {
    const session = openSession(backend, exchange, owner, parse(json), { declaredType: contentType });
    return { session, writer: session.write('none', () => request.socket.resetAndDestroy()) };
  };
  const end = await readBody(request, {
    ...bodyPlan(fault, undefined),
    onChunk: (chunk) => {
      onBytes(chunk.length);
      try {
        take(chunk);
        return true;
      } catch (error) {
        refused = error;
        return false;
      }
    },
  });
  if (end !== 'complete' || !upload || !body.ended) {
    upload?.writer.discard();
    upload?.session.end('terminated');
    if (end === 'refused') throw refused;
    if (end !== 'complete') throw new Interrupted(end);
    throw malformed();
  }
  upload.writer.commit();
  return finalize(backend, upload.session, fault?.do === 'showLate' ? fault.ms : undefined);
}
