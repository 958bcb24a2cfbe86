/** An answer that is on this machine already is read, also if the connection has broken before the next write. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { sendHttp } from '../../src/gemini/http.js';

/** In a thread of its own: it answers and ends the connection while the client's thread is blocked. */
const SERVER = `
const { createServer } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const ended = new Int32Array(workerData.ended);
const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => {
    socket.pause();
    socket.write('HTTP/1.1 413 Too Large\\r\\nContent-Length: 5\\r\\n\\r\\nlarge', () => socket[workerData.method]());
  });
  socket.once('close', () => {
    Atomics.store(ended, 0, 1);
    Atomics.notify(ended, 0);
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const CHUNK = Buffer.alloc(64 * 1024);
const CHUNKS = 64;

it.each(['resetAndDestroy', 'destroy'])('%s after a 413, while the body is written', async (method) => {
  const ended = new Int32Array(new SharedArrayBuffer(4));
  const server = new Worker(SERVER, { eval: true, workerData: { ended: ended.buffer, method } });
  try {
    const [port] = (await once(server, 'message')) as [number];
    const answer = await sendHttp({
      method: 'POST',
      url: new URL(`http://127.0.0.1:${port}`),
      headers: {},
      body: body(ended),
      contentLength: CHUNK.length * CHUNKS,
      stallTimeoutMs: 5000,
      answerTimeoutMs: 5000,
    });
    expect(answer).toMatchObject({ status: 413, body: 'large' });
  } finally {
    await server.terminate();
  }
});

/** Blocks this thread between two chunks, so that nothing is read before the next write. */
function* body(ended: Int32Array): Generator<Uint8Array> {
  yield CHUNK;
  expect(Atomics.wait(ended, 0, 0, 5000)).not.toBe('timed-out');
  for (let count = 1; count < CHUNKS; count += 1) yield CHUNK;
}
