/** Connections to a source that end at the wrong moment, or in no time at all. */

import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { HttpConnection } from '../../../src/sources/http/connection.js';
import { SOURCE_LIMITS } from '../../../src/sources/limits.js';
import { listening } from '../../support/raw-server.js';
import { answer, textOf, useSourceConnections } from '../../support/source-connections.js';

const { connect, serverThat } = useSourceConnections();
const SHORT = { ...SOURCE_LIMITS, answerMs: 300 };

/** A server that closes its first connection when the second request comes on it, as one that has just given up an idle connection. */
async function closingServer(last: (socket: Socket, requests: number) => void) {
  const used: number[] = [];
  const { get, read } = await serverThat((socket, _, connection) => {
    used.push(connection);
    if (used.length === 1) socket.write(answer('first'));
    else last(socket, used.length);
  });
  expect(await read()).toBe('first');
  return { get, used };
}

it('a request is repeated once whose connection was closed while it was idle', async () => {
  const { get, used } = await closingServer((socket, requests) =>
    requests === 2 ? socket.destroy() : socket.write(answer('second')),
  );
  expect(await textOf(await get())).toBe('second');
  expect(used).toEqual([1, 1, 2]);
});

it.each<[string, (socket: Socket) => unknown, number[]]>([
  ['a second time', (socket) => socket.resetAndDestroy(), [1, 1, 2]],
  ['after its answer had begun', (socket) => socket.end('HTTP/1.1 2'), [1, 1]],
])('a request is not repeated whose connection is closed %s', async (_, close, expected) => {
  const { get, used } = await closingServer(close);
  await expect(get()).rejects.toMatchObject({ name: 'ConnectionBreak', lasting: false });
  expect(used).toEqual(expected);
});

it('a request is not repeated whose signal is aborted', async () => {
  const ended = new AbortController();
  const { get, used } = await closingServer((socket) => {
    ended.abort(new Error('enough'));
    socket.destroy();
  });
  await expect(get('/', {}, ended.signal)).rejects.toThrow('enough');
  expect(used).toEqual([1, 1]);
});

it('a request is not repeated that nobody answers', async () => {
  const used: number[] = [];
  const write = (socket: Socket, _: string, connection: number) => {
    used.push(connection);
    if (used.length === 1) socket.write(answer('first'));
  };
  const { get, read } = await serverThat(write, { limits: SHORT });
  expect(await read()).toBe('first');
  await expect(get()).rejects.toThrow('no answer began in 300 ms');
  expect(used).toEqual([1, 1]);
});

it('a connection is not used again whose server has closed its half', async () => {
  const used: number[] = [];
  let closed: Promise<unknown> | undefined;
  const write = (socket: Socket, _: string, connection: number) => {
    used.push(connection);
    // The reader ends its half when it has seen the end of the server's.
    closed ??= once(socket, 'end');
    socket.write(answer('x'));
    if (connection === 1) setImmediate(() => socket.end());
  };
  const { read } = await serverThat(write, { allowHalfOpen: true });
  expect(await read()).toBe('x');
  await closed;
  expect(await read()).toBe('x');
  expect(used).toEqual([1, 2]);
});

it('a connection is not used again after an answer that switches to another protocol', async () => {
  const used: number[] = [];
  const { get, read } = await serverThat((socket, _, connection) => {
    used.push(connection);
    socket.write(connection === 1 ? 'HTTP/1.1 101 Switching Protocols\r\n\r\n' : answer('x'));
  });
  const switched = await get();
  expect(switched.status).toBe(101);
  expect(await read()).toBe('x');
  switched.drop();
  expect(used).toEqual([1, 2]);
});

it('a body is not read ahead: the server waits while nobody takes it', async () => {
  const content = Buffer.alloc(64 * 1024 * 1024, 'x');
  let written = false;
  const { get } = await serverThat((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${content.length}\r\n\r\n`);
    socket.write(content, () => (written = true));
  });
  const { body } = await get();
  let received = 0;
  for await (const chunk of body) {
    // In that time, loopback brings all of it to a reader that takes it.
    if (received === 0) await new Promise((resolve) => setTimeout(resolve, 200));
    expect(received === 0 && written).toBe(false);
    received += (chunk as Buffer).length;
  }
  expect(received).toBe(content.length);
});

/** A server that takes connections and says nothing, so that no handshake ends. */
async function silentServer(meanwhile: () => void = () => undefined) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.once('data', meanwhile);
  });
  return { sockets, server: await listening(server) };
}

/** Resolves once the reader has no connection to the server any more. */
async function closed([socket]: readonly Socket[]): Promise<void> {
  if (socket && !socket.closed) await once(socket.resume(), 'close');
}

it('a handshake that does not end is given up, and leaves no connection', async () => {
  const { server, sockets } = await silentServer();
  const got = connect(server, SHORT).get(
    new URL(`https://127.0.0.1:${server.port}/`),
    {},
    new AbortController().signal,
  );
  await expect(got).rejects.toMatchObject({ reason: 'no answer began in 300 ms', lasting: false });
  await closed(sockets);
});

it('a handshake ends with the signal, and leaves no connection', async () => {
  const ended = new AbortController();
  const { server, sockets } = await silentServer(() => ended.abort(new Error('enough')));
  const got = connect(server).get(new URL(`https://127.0.0.1:${server.port}/`), {}, ended.signal);
  await expect(got).rejects.toThrow('enough');
  await closed(sockets);
});

it('a request ends with its connection while the name is still being looked up, and none is made later', async () => {
  let found: (() => void) | undefined;
  let connections = 0;
  const counting = createServer((socket) => {
    connections += 1;
    socket.end();
  });
  await using server = await listening(counting);
  const connection = new HttpConnection(new URL(`http://media.example:${server.port}/`), {
    lookup: (_host, _options, callback) => {
      found = () => callback(null, [{ address: '127.0.0.1', family: 4 }]);
    },
    onIdle: () => undefined,
    onClose: () => undefined,
  });
  const got = connection.get('GET / HTTP/1.1\r\n\r\n');
  connection.destroy();
  await expect(got.head).rejects.toMatchObject({ name: 'ConnectionBreak' });
  await got.over;
  found?.();
  // A connection of the test's own comes after any that the lookup could have made.
  const own = createConnection(server.port, '127.0.0.1');
  await once(own.resume(), 'close');
  expect(connections).toBe(1);
});
