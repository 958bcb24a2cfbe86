/** A TCP relay on 127.0.0.1 that can stop to pass bytes on without closing a connection: what a worker sees of a partition. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Transform } from 'node:stream';

/**
 * @param targetPort - on 127.0.0.1; a server may start to listen there later
 * @param delayMs - how long each byte takes, each way
 * @returns `{port, cut, heal, close}`. `cut('both')` passes nothing on any more; `cut('answers')` still passes on what the client
 *   sends. `heal({reset})` passes on what has piled up, or closes the connections so that new ones are made.
 */
export async function startRelay(targetPort, { delayMs = 0 } = {}) {
  const links = new Set();
  let held;

  // Piped twice, each byte would come twice.
  const passOn = (from, to) => from.unpipe(to).pipe(to);
  /** The way into a socket. */
  const wayTo = (socket) => {
    if (delayMs === 0) return socket;
    const way = delay(delayMs);
    way.pipe(socket);
    return way;
  };
  const hold = (from, to) => {
    from.unpipe(to);
    from.pause();
  };
  const apply = (link) => {
    // A connection that is made during the partition gets no further than this.
    if (held !== 'both' && !link.far) open(link);
    if (!link.far) return;
    (held === 'both' ? hold : passOn)(link.near, link.toFar);
    (held ? hold : passOn)(link.far, link.toNear);
  };
  const open = (link) => {
    link.far = connect(targetPort, '127.0.0.1');
    link.toFar = wayTo(link.far);
    link.toNear = wayTo(link.near);
    watch(link, link.far);
  };
  const watch = (link, socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      links.delete(link);
      link.near.destroy();
      link.far?.destroy();
    });
  };

  const server = createServer({ pauseOnConnect: true }, (near) => {
    const link = { near, far: undefined };
    links.add(link);
    watch(link, near);
    apply(link);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: server.address().port,
    cut(direction) {
      held = direction;
      for (const link of links) apply(link);
    },
    heal({ reset = false } = {}) {
      held = undefined;
      for (const link of [...links]) {
        if (!reset) apply(link);
        else for (const socket of [link.near, link.far]) socket?.resetAndDestroy();
      }
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const { near, far } of links) for (const socket of [near, far]) socket?.destroy();
      await closed;
    },
  };
}

/** Passes each piece on after `ms`, however many are under way. */
function delay(ms) {
  return new Transform({
    transform(piece, _encoding, done) {
      setTimeout(() => this.push(piece), ms);
      done();
    },
    flush: (done) => void setTimeout(done, ms),
  });
}
