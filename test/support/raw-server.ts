/** Servers on 127.0.0.1 that write the bytes of a test. */

import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface ListeningServer extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
}

/** Listens until disposed of; then its connections are destroyed too. */
export async function listening(server: Server, host = '127.0.0.1'): Promise<ListeningServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined).once('close', () => sockets.delete(socket)));
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A server that answers each request by `listener`. */
export const httpServer = (listener: RequestListener): Promise<ListeningServer> =>
  listening(createHttpServer(listener));

/** Calls `answer` for each request without a body, with its head, as soon as that is complete. */
export function rawServer(
  answer: (socket: Socket, head: string, connection: number) => void,
  options: { allowHalfOpen?: boolean; host?: string } = {},
): Promise<ListeningServer> {
  let connections = 0;
  const server = createServer({ allowHalfOpen: options.allowHalfOpen ?? false }, (socket) => {
    const connection = (connections += 1);
    let received = '';
    socket.setEncoding('latin1').on('data', (data: string) => {
      received += data;
      for (let end; (end = received.indexOf('\r\n\r\n')) !== -1; received = received.slice(end + 4))
        answer(socket, received.slice(0, end), connection);
    });
  });
  return listening(server, options.host);
}
