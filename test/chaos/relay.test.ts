/** The relay of `npm run chaos`, on real sockets: what a partition stops, and what becomes of it when it heals. */

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { startRelay, type Relay } from '../support/relay.js';
import { stopwatch } from '../support/stopwatch.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server that answers each piece with `<piece>!` and records it. */
async function setUp(options = {}) {
  const heard: string[] = [];
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard.push(data.toString());
      server.emit('heard');
      socket.write(`${data.toString()}!`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay = await startRelay((server.address() as AddressInfo).port, options);
  closers.push(
    () => server.close(),
    () => relay.close(),
  );
  return { heard, server, relay };
}

async function open(relay: Relay): Promise<Socket> {
  const socket = connect(relay.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  closers.push(() => socket.destroy());
  return socket;
}

const answer = async (socket: Socket) => String((await once(socket, 'data'))[0]);

it('passes on both ways', async () => {
  const { relay } = await setUp();
  const socket = await open(relay);
  socket.write('a');
  expect(await answer(socket)).toBe('a!');
});

it('delays each way, also what follows at once, and keeps the order', async () => {
  const { relay, heard, server } = await setUp({ delayMs: 50 });
  const socket = await open(relay);
  const began = performance.now();
  const elapsed = stopwatch();
  socket.write('a');
  await once(server, 'heard');
  socket.write('b');
  let text = '';
  while (text !== 'a!b!') text += await answer(socket);
  expect(heard).toEqual(['a', 'b']);
  // Three delays: the second piece left while the first answer was under way. Timers may come a millisecond early.
  expect(performance.now() - began).toBeGreaterThan(3 * 49);
  expect(elapsed()).toBeLessThan(1000);
});

it('holds what is sent while it is cut, on open connections and on new ones, and delivers it when it heals', async () => {
  const { relay, server, heard } = await setUp();
  const old = await open(relay);
  old.write('a');
  await answer(old);
  relay.cut('both');
  const fresh = await open(relay);
  old.write('b');
  fresh.write('c');
  // Another way to the same server shows that time has passed for it, and nothing else came.
  const direct = connect((server.address() as AddressInfo).port, '127.0.0.1');
  closers.push(() => direct.destroy());
  direct.write('d');
  expect(await answer(direct)).toBe('d!');
  expect(heard).toEqual(['a', 'd']);
  expect([old.closed, fresh.closed]).toEqual([false, false]);

  const answers = Promise.all([answer(old), answer(fresh)]);
  relay.heal();
  expect(await answers).toEqual(['b!', 'c!']);
});

it('cut one way, the server still hears, and its answers come when it heals', async () => {
  const { relay, server, heard } = await setUp();
  const socket = await open(relay);
  socket.write('a');
  await answer(socket);
  relay.cut('answers');
  const arrived = once(server, 'heard');
  socket.write('b');
  await arrived;
  expect(heard).toEqual(['a', 'b']);
  expect(socket.readableLength).toBe(0);
  const late = answer(socket);
  relay.heal();
  expect(await late).toBe('b!');
});

it('can close the connections when it heals; the next one works', async () => {
  const { relay } = await setUp();
  const socket = await open(relay);
  relay.cut('both');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  relay.heal({ reset: true });
  await closed;
  const next = await open(relay);
  next.write('e');
  expect(await answer(next)).toBe('e!');
});
