/** The body of an answer in few large chunks: a connection brings it by TLS records of 16 KiB, and each chunk costs promises and a write. */

import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConnectionBreak } from './break.js';

/** Most bytes of a chunk. */
export const BATCH_BYTES = 256 * 1024;

/**
 * What has come, a chunk at a time. It waits for nothing but the first byte, so a slow body is handed on as it comes. A chunk is valid
 * until the next one is asked for.
 *
 * @throws the body's error, or ConnectionBreak if it ended early
 */
export async function* inBatches(body: Readable): AsyncGenerator<Buffer, void, undefined> {
  const batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  const arrived: Buffer[] = [];
  let bytes = 0;
  let wake = () => undefined as void;
  body.on('data', (chunk: Buffer) => {
    arrived.push(chunk);
    bytes += chunk.length;
    if (bytes >= BATCH_BYTES) body.pause();
    wake();
  });
  const over = new Promise<void>((resolve) => {
    if (body.closed) return resolve();
    body.once('end', resolve);
    body.once('close', resolve);
  });
  void over.then(() => wake());

  for (;;) {
    if (bytes === 0 && !isOver(body)) await new Promise<void>((resolve) => (wake = resolve));
    // The rest of what the system has is read in this turn of the event loop.
    if (bytes < BATCH_BYTES && !isOver(body)) await nextTurn();
    if (bytes === 0) {
      if (body.readableEnded) return;
      if (isOver(body)) throw body.errored ?? new ConnectionBreak('the body ended early');
      continue;
    }
    const chunk = take();
    body.resume();
    yield chunk;
  }

  function take(): Buffer {
    let length = 0;
    while (arrived.length > 0 && length < BATCH_BYTES) {
      const [first] = arrived as [Buffer];
      const copied = first.copy(batch, length);
      length += copied;
      if (copied === first.length) arrived.shift();
      else arrived[0] = first.subarray(copied);
    }
    bytes -= length;
    return batch.subarray(0, length);
  }
}

const isOver = (body: Readable) => body.readableEnded || body.closed;
