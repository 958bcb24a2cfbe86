import { createServer, type Server, type Socket } from 'node:net';
import { onMessages, send, type EmbeddedAddresses, type Reply, type Request } from './protocol.js';

export interface ControlHandlers {
  /** Gives a new user the addresses it waits for. */
  readonly serve: (wish: { emulator: boolean }) => Promise<EmbeddedAddresses>;
  /** The last user has left: with a word, or because its process died. */
  readonly onIdle: (how: 'bye' | 'lost') => void;
}

/**
 * The host's control port on loopback. Each user keeps one connection open, so the kernel tells at once when a user dies, by kill -9 too.
 */
export class ControlServer {
  private readonly users = new Set<Socket>();
  private readonly sockets = new Set<Socket>();
  private ending = false;

  private constructor(
    private readonly server: Server,
    private readonly token: string,
    private readonly handlers: ControlHandlers,
  ) {
    server.on('connection', (socket) => this.accept(socket));
  }

  static async listen(token: string, handlers: ControlHandlers): Promise<ControlServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return new ControlServer(server, token, handlers);
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get idle(): boolean {
    return this.users.size === 0;
  }

  /** From now on newcomers are told to wait for the close and start anew. */
  beginEnding(): void {
    this.ending = true;
  }

  /** Resolves when all connections have been told. */
  async announceEnd(reason: string | undefined): Promise<void> {
    const message: Reply = { type: 'ending', ...(reason === undefined ? {} : { reason }) };
    await Promise.all([...this.sockets].map((socket) => send(socket, message)));
  }

  /** Closes every connection: for those who left last, the sign that nothing is left running. */
  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.end();
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.leave(socket, 'lost');
    });
    onMessages<Request>(socket, (request) => this.handle(socket, request));
  }

  private handle(socket: Socket, request: Request): void {
    if (request.type === 'bye') {
      const last = this.users.size === 1 && this.users.has(socket);
      this.leave(socket, 'bye');
      // The last user's connection stays until the server has ended.
      if (!last) socket.end();
      return;
    }
    if (request.token !== this.token) return void socket.destroy();
    void send(socket, { type: 'welcome' });
    if (request.probe === true) return void socket.end();
    if (this.ending) return void send(socket, { type: 'ending' });
    this.users.add(socket);
    this.handlers.serve({ emulator: request.emulator === true }).then(
      (addresses) => void send(socket, { type: 'ready', addresses }),
      (error: Error) => void send(socket, { type: 'error', message: error.message }),
    );
  }

  private leave(socket: Socket, how: 'bye' | 'lost'): void {
    if (this.users.delete(socket) && this.idle) this.handlers.onIdle(how);
  }
}
