import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A free port on 127.0.0.1, for a server that does not accept port 0. */
export async function freePort() {
  return probe(0);
}

/** The same, below 32768: out of the way of outgoing connections, and in reach of a signed 16-bit column. */
export async function freeLowPort() {
  for (;;) {
    try {
      return await probe(randomInt(10_000, 32_768));
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
    }
  }
}

async function probe(wanted) {
  const server = createServer().listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
