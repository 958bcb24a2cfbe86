/** Connections to a source: when they are used again, and what must not become an answer. */

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { answer, textOf, useSourceConnections } from '../../support/source-connections.js';
import { stopwatch } from '../../support/stopwatch.js';

const { serverThat } = useSourceConnections();

it('asks for the path and the query, with its own headers', async () => {
  const heads: string[] = [];
  const { get } = await serverThat((socket, head) => {
    heads.push(head);
    socket.write(answer('x'));
  });
  const own = { Accept: 'video/*', range: 'bytes=0-1', 'x-own': 'y' };
  const others = { Host: 'elsewhere.example', Connection: 'close', 'Accept-Encoding': 'gzip' };
  await textOf(await get('/a%20b?c=d', { ...own, ...others }));
  const [line, ...headers] = heads[0]?.split('\r\n') ?? [];
  expect(line).toBe('GET /a%20b?c=d HTTP/1.1');
  expect(headers).toEqual([
    'accept: video/*',
    'accept-encoding: identity',
    'connection: keep-alive',
    expect.stringMatching(/^host: 127\.0\.0\.1:\d+$/),
    'range: bytes=0-1',
    expect.stringMatching(/^user-agent: temporal-gemini-files\/\d/),
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
  const elapsed = stopwatch();
  first?.write(answer('unasked'));
  await once(first!, 'close');
  // At once, and not when it has been idle for long enough.
  expect(elapsed()).toBeLessThan(2000);
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
  const elapsed = stopwatch();
  await closed;
  expect(elapsed()).toBeLessThan(3000);
});

it('leaves the connection alone when an answer is dropped that has come as a whole', async () => {
  const used: number[] = [];
  let finish = () => {};
  const { get, read } = await serverThat((socket, _, connection) => {
    used.push(connection);
    if (used.length !== 2) return socket.write(answer('x'));
    const whole = answer('second');
    finish = () => void socket.write(whole.slice(-3));
    return socket.write(whole.slice(0, -3));
  });
  const first = await get();
  expect(await textOf(first)).toBe('x');
  const second = await get();
  first.drop();
  finish();
  expect(await textOf(second)).toBe('second');
  expect(await read()).toBe('x');
  expect(used).toEqual([1, 1, 1]);
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
