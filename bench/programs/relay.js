/**
 * A line of a given length and rate, as TCP on it behaves, at the level of sockets: it knows nothing of what passes.
 *
 * Modelled, for each connection and each direction of it: half of the round trip as delay; the rate; the handshake (the first
 * byte departs one round trip after the connection was made); slow start (10 segments, doubled each round trip); and at most
 * rate × round trip + 1 MiB bytes that are not confirmed. What is beyond stays unread, so that the sender is held back. Bytes
 * that the kernel holds before the line (a send buffer, as on every machine) have not departed: they hide no delay.
 * Not modelled: loss, and other traffic.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { serve } from '../lib/serve.js';

const INITIAL_WINDOW = 10 * 1460;
const BUFFER_BYTES = 1024 * 1024;

const now = () => performance.now();
const servers = [];
const links = new Map();

/**
 * @param link - `target` (a port), `rttMs`, `mbit` a second
 * @returns the port of the client's end
 */
async function open(link) {
  const server = createServer({ allowHalfOpen: true }, (client) => join(client, link, links.get(port)));
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  const { port } = server.address();
  links.set(port, { clients: new Set(), bytes: 0, resets: 0 });
  return port;
}

function join(client, { target, rttMs, mbit }, state) {
  const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
  const line = { rttMs, bytesPerMs: (mbit * 1e6) / 8 / 1000 };
  state.clients.add(client);
  let timer;
  if (state.resetAfterMs) {
    timer = setTimeout(() => {
      state.resets += 1;
      client.resetAndDestroy();
      far.resetAndDestroy();
    }, state.resetAfterMs);
  }
  client.on('data', (chunk) => (state.bytes += chunk.length));
  carry(client, far, line, now() + rttMs);
  carry(far, client, line, now());
  client.on('close', () => {
    clearTimeout(timer);
    state.clients.delete(client);
  });
}

/** Carries one direction. @param opensAt - when the first byte may depart */
function carry(from, to, { rttMs, bytesPerMs }, opensAt) {
  const half = rttMs / 2;
  const maxWindow = bytesPerMs * rttMs + BUFFER_BYTES;
  const later = inOrder();
  const confirmed = inOrder();
  const held = [];
  let window = Math.min(INITIAL_WINDOW, maxWindow);
  let inFlight = 0;
  let free = opensAt;
  let ended = false;

  const depart = (chunk) => {
    inFlight += chunk.length;
    free = Math.max(now(), free) + chunk.length / bytesPerMs;
    later(free + half, () => {
      if (to.writable) to.write(chunk, () => confirmed(now() + half, () => confirm(chunk.length)));
    });
  };
  const pump = () => {
    while (held.length > 0 && inFlight < window) {
      const chunk = held.shift();
      const room = window - inFlight;
      if (chunk.length > room) held.unshift(chunk.subarray(room));
      depart(chunk.subarray(0, room));
    }
    if (held.length > 0) from.pause();
    else if (ended) later(Math.max(now(), free) + half, () => to.end());
    else from.resume();
  };
  const confirm = (bytes) => {
    inFlight -= bytes;
    window = Math.min(maxWindow, window + bytes);
    pump();
  };
  from.on('data', (chunk) => {
    held.push(chunk);
    pump();
  });
  from.on('end', () => {
    ended = true;
    pump();
  });
  from.on('error', () => to.resetAndDestroy());
}

/** Runs what it is given at its time, in the order in which it was given. */
function inOrder() {
  const queue = [];
  let timer;
  const run = () => {
    timer = undefined;
    while (queue.length > 0 && queue[0].at <= now()) queue.shift().work();
    if (queue.length > 0) timer ??= setTimeout(run, queue[0].at - now());
  };
  return (at, work) => {
    queue.push({ at, work });
    timer ??= setTimeout(run, at - now());
  };
}

serve({
  answers: {
    open,
    /** From now on, each new connection of a link is reset at that age. */
    resetAfter: ({ port, ms }) => (links.get(port).resetAfterMs = ms),
    /** Ends the connections of a link, so that the next request makes one. */
    clear: (port) => {
      for (const client of links.get(port).clients) client.end();
    },
    /** What clients have sent over a link since the last call, and how many of its connections were reset. */
    books: (port) => {
      const { bytes, resets } = links.get(port);
      Object.assign(links.get(port), { bytes: 0, resets: 0 });
      return { bytes, resets };
    },
  },
  close: () => servers.forEach((server) => server.close()),
});
