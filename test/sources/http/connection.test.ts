/** Connections to a source: when they are used again, and what must not become an answer. */

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Connections } from '../../../src/sources/http-get.js';
import { SOURCE_LIMITS } from '../../../src/sources/limits.js';
import { listening, rawServer, type ListeningServer } from '../../support/raw-server.js';

const { signal } = new AbortController();
const opened: { server: ListeningServer; connections: Connections }[] = [];

afterEach(async () => {
  for (const { server, connections } of opened.splice(0)) {
    connections.close();
    await server[Symbol.asyncDispose]();
  }
});

async function serverThat(answer: (socket: Socket, head: string, connection: number) => void) {
  const server = await rawServer(answer);
  const connections = new Connections({ isAllowedAddress: () => true, limits: SOURCE_LIMITS });
  opened.push({ server, connections });
  const get = (path = '/', headers: Record<string, string> = {}, ended = signal) =>
    connections.get(new URL(path, server.url), headers, ended);
  const read = async (path?: string) => textOf(await get(path));
  return { get, read };
}

async function textOf({ body }: { body: AsyncIterable<unknown> }): Promise<string> {
  let text = '';
  for await (const part of body) text += String(part);
  return text;
}

const answer = (text: string, headers = '') =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n${headers}\r\n${text}`;

it('asks for the path and the query, with its own headers', async () => {
  const heads: string[] = [];
  const { get } = await serverThat((socket, head) => {
    heads.push(head);
    socket.write(answer('x'));
  });
  await textOf(await get('/a%20b?c=d', { Accept: 'video/*', range: 'bytes=0-1', 'x-own': 'y' }));
  const [line, ...headers] = heads[0]?.split('\r\n') ?? [];
  expect(line).toBe('GET /a%20b?c=d HTTP/1.1');
  expect(headers).toEqual([
    'accept: video/*',
    'accept-encoding: identity',
    'connection: keep-alive',
    expect.stringMatching(/^host: 127\.0\.0\.1:\d+$/),
    'range: bytes=0-1',
    'x-own: y',
  ]);
});

it('does not send a header that would become two', async () => {
  const heads: string[] = [];
  const { get } = await serverThat((_, head) => heads.push(head));
  await expect(get('/', { range: 'bytes=0-1\r\nx: y' })).rejects.toThrow(TypeError);
  await expect(get('/', { 'x: y\r\nz': '' })).rejects.toThrow(TypeError);
  expect(heads).toEqual([]);
});

it('uses a connection again for the next request', async () => {
  const used: number[] = [];
  const { read } = await serverThat((socket, _, connection) => {
    used.push(connection);
    socket.write(answer(`answer ${used.length}`));
  });
  expect([await read(), await read(), await read()]).toEqual(['answer 1', 'answer 2', 'answer 3']);
  expect(used).toEqual([1, 1, 1]);
});

it.each([
  ['says that it will close', answer('x', 'connection: close\r\n')],
  ['says that it closes at once', answer('x', 'keep-alive: timeout=0\r\n')],
  ['sends more than its answer', `${answer('x')}HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsmuggled!`],
])('does not use a connection again whose server %s', async (_, bytes) => {
  const used: number[] = [];
  const { read } = await serverThat((socket, __, connection) => {
    used.push(connection);
    socket.write(bytes);
  });
  expect([await read(), await read()]).toEqual(['x', 'x']);
  expect(used).toEqual([1, 2]);
});

it('does not take what came unasked for the next answer', async () => {
  const used: number[] = [];
  let first: Socket | undefined;
  const { read } = await serverThat((socket, _, connection) => {
    used.push(connection);
    first ??= socket;
    socket.write(answer('x'));
  });
  expect(await read()).toBe('x');
  first?.write(answer('unasked'));
  await once(first!, 'close');
  expect(await read()).toBe('x');
  expect(used).toEqual([1, 2]);
});

it('closes an idle connection before the server says that it does', async () => {
  let closed: Promise<unknown> | undefined;
  const { read } = await serverThat((socket) => {
    closed ??= once(socket, 'close');
    socket.write(answer('x', 'keep-alive: timeout=1\r\n'));
  });
  await read();
  const began = performance.now();
  await closed;
  expect(performance.now() - began).toBeLessThan(3000);
});

it('leaves the connection alone when an answer is dropped that has come as a whole', async () => {
  const used: number[] = [];
  const { get } = await serverThat((socket, _, connection) => {
    used.push(connection);
    socket.write(used.length === 1 ? answer('first') : answer('second'));
  });
  const first = await get();
  expect(await textOf(first)).toBe('first');
  const second = await get();
  first.drop();
  expect(await textOf(second)).toBe('second');
  expect(used).toEqual([1, 1]);
});

it('ends its connection when an answer is dropped, or its signal aborted, on the way', async () => {
  const sockets: Socket[] = [];
  const { get } = await serverThat((socket) => {
    sockets.push(socket);
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello');
  });
  const dropped = await get();
  dropped.drop();
  await once(sockets[0]!, 'close');
  await expect(textOf(dropped)).rejects.toMatchObject({ name: 'ConnectionBreak' });
  const ended = new AbortController();
  const aborted = await get('/', {}, ended.signal);
  ended.abort(new Error('enough'));
  await once(sockets[1]!, 'close');
  await expect(textOf(aborted)).rejects.toMatchObject({ name: 'ConnectionBreak' });
});

it('throws the reason of a signal that is aborted before an answer came', async () => {
  const ended = new AbortController();
  const { get } = await serverThat(() => ended.abort(new Error('enough')));
  await expect(get('/', {}, ended.signal)).rejects.toThrow('enough');
});

it('throws the reason of a signal that is aborted before the server speaks TLS, and leaves no connection', async () => {
  const ended = new AbortController();
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.once('data', () => ended.abort(new Error('enough')));
  });
  await using at = await listening(server);
  const connections = new Connections({ isAllowedAddress: () => true, limits: SOURCE_LIMITS });
  const failed = connections.get(new URL(`https://127.0.0.1:${at.port}/`), {}, ended.signal);
  await expect(failed).rejects.toThrow('enough');
  if (sockets[0]?.closed === false) await once(sockets[0], 'close');
});

/** A server that closes its first connection when the second request comes on it, as one that has just given up an idle connection. */
async function closingServer(last: (socket: Socket) => void) {
  const used: number[] = [];
  const { get, read } = await serverThat((socket, _, connection) => {
    used.push(connection);
    if (used.length === 1) socket.write(answer('first'));
    else last(socket);
  });
  expect(await read()).toBe('first');
  return { get, used };
}

it('repeats a request once whose connection was closed while it was idle', async () => {
  const { get, used } = await closingServer((socket) =>
    used.length === 2 ? socket.destroy() : socket.write(answer('second')),
  );
  expect(await textOf(await get())).toBe('second');
  expect(used).toEqual([1, 1, 2]);
});

it.each([
  ['a second time', (socket: Socket) => socket.resetAndDestroy(), [1, 1, 2]],
  ['once its answer had begun', (socket: Socket) => socket.end('HTTP/1.1 2'), [1, 1]],
] as const)('does not repeat a request whose connection was closed %s', async (_, close, expected) => {
  const { get, used } = await closingServer(close);
  await expect(get()).rejects.toMatchObject({ name: 'ConnectionBreak', lasting: false });
  expect(used).toEqual(expected);
});

it('does not repeat a request that nobody answers, or whose signal is aborted', async () => {
  const ended = new AbortController();
  const { get, used } = await closingServer((socket) => {
    ended.abort(new Error('enough'));
    socket.destroy();
  });
  await expect(get('/', {}, ended.signal)).rejects.toThrow('enough');
  expect(used).toEqual([1, 1]);

  const heads: string[] = [];
  await using server = await rawServer((socket, head) => {
    heads.push(head);
    if (heads.length === 1) socket.write(answer('first'));
  });
  const connections = new Connections({
    isAllowedAddress: () => true,
    limits: { ...SOURCE_LIMITS, answerMs: 300 },
  });
  const url = new URL(server.url);
  expect(await textOf(await connections.get(url, {}, signal))).toBe('first');
  await expect(connections.get(url, {}, signal)).rejects.toThrow('no answer began in 300 ms');
  expect(heads).toHaveLength(2);
  connections.close();
});

it('does not use a connection again whose server has closed its half', async () => {
  const used: number[] = [];
  let halfClosed: Promise<unknown> | undefined;
  const server = await rawServer(
    (socket, _, connection) => {
      used.push(connection);
      // The end of the other half: the reader has seen the end of this one.
      halfClosed ??= once(socket, 'end');
      socket.write(answer('x'));
      if (connection === 1) setImmediate(() => socket.end());
    },
    { allowHalfOpen: true },
  );
  const connections = new Connections({ isAllowedAddress: () => true, limits: SOURCE_LIMITS });
  opened.push({ server, connections });
  const url = new URL(server.url);
  expect(await textOf(await connections.get(url, {}, signal))).toBe('x');
  await halfClosed;
  expect(await textOf(await connections.get(url, {}, signal))).toBe('x');
  expect(used).toEqual([1, 2]);
});

it('does not use a connection again after an answer that switches to another protocol', async () => {
  const used: number[] = [];
  const { get } = await serverThat((socket, _, connection) => {
    used.push(connection);
    socket.write(connection === 1 ? 'HTTP/1.1 101 Switching Protocols\r\n\r\n' : answer('x'));
  });
  const switched = await get();
  expect(switched.status).toBe(101);
  expect(await textOf(await get())).toBe('x');
  switched.drop();
  expect(used).toEqual([1, 2]);
});
