/** The body of an answer in few large chunks: a connection brings it by TLS records of 16 KiB, and each chunk costs promises and a write. */

import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConnectionBreak } from './break.js';

/** Most bytes of a chunk. */
export const BATCH_BYTES = 256 * 1024;

/**
 * What has come, a chunk at a time. It waits for nothing but the first byte, so a slow body is handed on as it comes. A chunk is valid
 * until the next one is asked for: two buffers are used in turn.
 *
 * @throws the body's error, or ConnectionBreak if it ended early
 */
export async function* inBatches(body: Readable): AsyncGenerator<Buffer, void, undefined> {
  let filling = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let handedOn = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let length = 0;
  /** What the buffer had no room for. */
  let rest: Buffer | undefined;
  let wake = () => undefined as void;
  body.on('data', (chunk: Buffer) => {
    const copied = chunk.copy(filling, length);
    length += copied;
    if (copied < chunk.length) rest = Buffer.concat([rest ?? Buffer.alloc(0), chunk.subarray(copied)]);
    if (length === BATCH_BYTES) body.pause();
    wake();
  });
  const over = () => wake();
  body.once('end', over);
  body.once('close', over);

  for (;;) {
    if (length === 0 && !isOver(body)) await new Promise<void>((resolve) => (wake = resolve));
    // What the system has received meanwhile is read in this turn of the event loop.
    if (length < BATCH_BYTES && !isOver(body)) await nextTurn();
    if (length > 0) {
      const chunk = filling.subarray(0, length);
      [filling, handedOn] = [handedOn, filling];
      length = rest?.copy(filling) ?? 0;
      rest = rest && length < rest.length ? rest.subarray(length) : undefined;
      if (length < BATCH_BYTES) body.resume();
      yield chunk;
    } else if (body.readableEnded) return;
    else if (isOver(body)) throw body.errored ?? new ConnectionBreak('the body ended early');
  }
}

const isOver = (body: Readable) => body.readableEnded || body.closed;
