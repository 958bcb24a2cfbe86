/** What a server has sent is read even if writing to it fails. */

import type { Socket } from 'node:net';

/** How long a write that has failed waits for the answer to be read, in milliseconds. The answer is on this machine already, if there is one. */
const READ_MS = 1000;

/** The server has ended the connection; what fails in another way, such as TLS, has no answer to wait for. */
const ENDED: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ECONNABORTED']);

type Callback = (error?: Error | null) => void;

const prepared = new WeakSet<Socket>();

/**
 * Delays the failure of a write on `socket`. A server that refuses a request sends its answer, and closes the connection although more
 * bytes are on their way. The next write then fails, and Node.js would destroy the socket with the answer still unread.
 */
export function readFirst(socket: Socket): void {
  if (prepared.has(socket)) return;
  prepared.add(socket);
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, callback) => write(chunk, encoding, delayed(socket, callback));
  const writev = socket._writev?.bind(socket);
  if (writev) socket._writev = (chunks, callback) => writev(chunks, delayed(socket, callback));
}

function delayed(socket: Socket, callback: Callback): Callback {
  return (error) => {
    if (!error || !ENDED.has((error as NodeJS.ErrnoException).code ?? '')) return callback(error);
    const fail = () => {
      clearTimeout(timer);
      socket.off('close', fail);
      callback(error);
    };
    const timer = setTimeout(fail, READ_MS);
    socket.once('close', fail);
  };
}
