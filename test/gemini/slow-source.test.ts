/** A body whose producer takes longer than a connection may be idle: the wait is not the provider's. */

import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FileSource, sendBytes, uploadFile, type SendPace } from '../../src/gemini/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { connectionTo, NAME } from '../support/connection.js';
import { useTestFolder } from '../support/files.js';
import { listening } from '../support/raw-server.js';
import { withRead } from '../support/slow-disk.js';
import { MiB, story } from '../support/upload.js';

const folder = await useTestFolder();
const STALL_MS = 300;
const slowly = () => sleep(2 * STALL_MS);

it('is not a stall: the request goes on, and nothing is sent twice', async () => {
  await using emulator = await GeminiFilesEmulator.start();
  const { path, sha256 } = await folder.file('slow.mp4', 12 * MiB);
  const handle = withRead(await open(path), async (read, position) => {
    if (position === 5 * MiB || position === 11 * MiB) await slowly();
    return read();
  });
  const source = await FileSource.of(handle, path);
  try {
    const connection = connectionTo(emulator.url, { stallTimeoutMs: STALL_MS });
    const input = { source, name: NAME, displayName: 'slow', mimeType: 'video/mp4' };
    expect(await uploadFile(connection, input)).toMatchObject({ sha256 });
  } finally {
    await source.close();
  }
  expect(story(emulator)).toEqual(['start 200', 'finalize 0+12 200']);
});

/** A server that reads the beginning of a request and then no more. */
const stopsReading = () =>
  listening(createServer((socket: Socket) => void once(socket, 'data').then(() => socket.pause())));
/** A server with which no TLS connection comes about. */
const saysNothing = () => listening(createServer((socket) => void socket.resume()));

it.each([
  ['that stops reading', 'http', stopsReading],
  ['to which the connection is not made', 'https', saysNothing],
])('a server %s is noticed after the wait', async (_, protocol, server) => {
  await using at = await server();
  const connection = connectionTo(`${protocol}://127.0.0.1:${at.port}`, { stallTimeoutMs: STALL_MS });
  const session = { url: `${connection.baseUrl.href}upload?upload_id=1`, granularity: 1 };
  const bytes = 32 * MiB;
  const body = async function* (first: number, wait: () => Promise<unknown>) {
    yield Buffer.alloc(first);
    await wait();
    yield Buffer.alloc(bytes - first);
  };
  const stalled = {
    kind: 'connection',
    message: expect.stringContaining(`no byte moved for ${STALL_MS} ms`) as unknown,
  };
  const input = { offset: 0, contentLength: bytes, finalize: true };
  // The first chunk is empty, so that also a connection that takes no byte comes to the second one.
  const waits = sendBytes(connection, session, { ...input, body: body(0, slowly) });
  await expect(waits).rejects.toMatchObject(stalled);
  let takes = 0;
  const take = () => ((takes += 1) === 1 ? slowly() : Promise.resolve());
  const pace: SendPace = () => Promise.resolve({ pieceBytes: MiB, take, end: () => undefined });
  const paced = sendBytes(connection, session, { ...input, body: body(0, () => Promise.resolve()), pace });
  await expect(paced).rejects.toMatchObject(stalled);
});
