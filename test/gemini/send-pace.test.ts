/** A paced request on its connection; the limiter itself is in test/worker/send-limiter.test.ts. */

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { sendBytes, type SendPace, type SendTurn } from '../../src/gemini/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { connectionTo, NAME } from '../support/connection.js';
import { useTestFolder } from '../support/files.js';
import { listening, type ListeningServer } from '../support/raw-server.js';
import { bytesReceived, uploading } from '../support/upload.js';

const folder = await useTestFolder();
const STALL_MS = 300;

/** A pace with the given `take`, and how often its turn was ended. */
function paced(take: SendTurn['take'], pieceBytes = 1024 * 1024): { pace: SendPace; ends: () => number } {
  let ends = 0;
  const pace: SendPace = () => Promise.resolve({ pieceBytes, take, end: () => (ends += 1) });
  return { pace, ends: () => ends };
}

/** Gives nothing, until the signal aborts. */
const untilAborted: SendTurn['take'] = (_, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

function sending({ port }: ListeningServer, pace: SendPace, bytes: number, signal?: AbortSignal) {
  const session = { url: `http://127.0.0.1:${port}/upload?upload_id=1`, granularity: 1 };
  const body = (async function* () {
    for (let left = bytes; left > 0; left -= 1024 * 1024)
      yield await Promise.resolve(Buffer.alloc(Math.min(left, 1024 * 1024)));
  })();
  const input = { offset: 0, contentLength: bytes, body, finalize: true, pace };
  const connection = connectionTo(`http://127.0.0.1:${port}`, { stallTimeoutMs: STALL_MS });
  return sendBytes(connection, session, input, signal);
}

/** Calls `then` with the connection once the request's head has arrived. */
const onHead = (then: (socket: Socket) => void) =>
  listening(createServer((socket) => void once(socket, 'data').then(() => then(socket))));

describe('while the limiter is what waits', () => {
  it('the stall timeout does not run', async () => {
    await using emulator = await GeminiFilesEmulator.start();
    const file = await folder.file('slow.bin', 5000);
    const { pace, ends } = paced(() => sleep(2 * STALL_MS), 2000);
    const uploaded = await uploading(emulator.url, file, { pace, connection: { stallTimeoutMs: STALL_MS } });
    expect(uploaded).toMatchObject({ name: NAME, sizeBytes: 5000 });
    expect(bytesReceived(emulator)).toBe(5000);
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['start', 'upload']);
    expect(ends()).toBeGreaterThan(0);
  });

  it.each([
    ['breaks', (socket: Socket) => socket.resetAndDestroy(), { kind: 'connection' }],
    ['is closed by the server', (socket: Socket) => socket.end(), { kind: 'connection' }],
    [
      'is answered',
      (socket: Socket) => socket.end('HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n'),
      { kind: 'unavailable', status: 503 },
    ],
  ])('a request that %s takes no bytes, and ends its turn', async (_, then, error) => {
    // The head is there although nothing may be sent yet.
    await using at = await onHead(then);
    const { pace, ends } = paced(untilAborted);
    await expect(sending(at, pace, 1000)).rejects.toMatchObject(error);
    expect(ends()).toBeGreaterThan(0);
  });

  it('a request that is aborted ends at once, and its turn too', async () => {
    const abort = new AbortController();
    await using at = await onHead(() => abort.abort(new Error('cancelled')));
    const { pace, ends } = paced(untilAborted);
    await expect(sending(at, pace, 1000, abort.signal)).rejects.toThrow('cancelled');
    expect(ends()).toBeGreaterThan(0);
  });
});

it('notices a server that stops reading in the middle of a paced body', async () => {
  await using at = await onHead((socket) => socket.pause());
  const { pace, ends } = paced(() => Promise.resolve(), 64 * 1024);
  await expect(sending(at, pace, 64 * 1024 * 1024)).rejects.toMatchObject({
    kind: 'connection',
    message: expect.stringContaining(`no byte moved for ${STALL_MS} ms`) as unknown,
  });
  expect(ends()).toBeGreaterThan(0);
});

it('opens no connection before its turn', async () => {
  let connections = 0;
  await using at = await listening(createServer(() => void (connections += 1)));
  const abort = new AbortController();
  const pace: SendPace = async (bytes, signal) => {
    expect(bytes).toBe(1000);
    abort.abort(new Error('cancelled'));
    signal?.throwIfAborted();
    return Promise.reject(new Error('it was not aborted'));
  };
  await expect(sending(at, pace, 1000, abort.signal)).rejects.toThrow('cancelled');
  expect(connections).toBe(0);
});
