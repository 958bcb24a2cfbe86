/**
 * Connections that are read into one buffer each. Node would make a buffer for each TLS record, and in a worker, whose young generation
 * is large, 60 MB of them wait for the garbage collection (docs/performance.md, files from elsewhere).
 */

import type { IncomingMessage } from 'node:http';
import { Agent } from 'node:https';
import type { RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const READ_BYTES = 64 * 1024;

export class ReadingAgent extends Agent {
  private readonly bodies = new WeakMap<Duplex, IncomingMessage>();

  /** From here on, `socket` brings the head of another answer. */
  expectHead(socket: Duplex): void {
    this.bodies.delete(socket);
  }

  /** From here on, `socket` brings this body, and whoever listens to its `data` copies what comes. */
  expectBody(socket: Duplex, body: IncomingMessage): void {
    this.bodies.set(socket, body);
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    let buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    let socket: Duplex | null | undefined;
    const onread = {
      buffer: () => buffer,
      callback: (bytes: number, read: Uint8Array) => {
        (socket as Socket).emit('data', Buffer.from(read.buffer, read.byteOffset, bytes));
        // What the body keeps for later is part of the buffer.
        if (!this.wasCopied(socket as Socket)) buffer = Buffer.allocUnsafeSlow(READ_BYTES);
        return true;
      },
    };
    socket = super.createConnection({ ...options, onread } as RequestOptions, callback);
    return socket;
  }

  private wasCopied(socket: Socket): boolean {
    const body = this.bodies.get(socket);
    return body !== undefined && body.listenerCount('data') > 0 && body.readableLength === 0;
  }
}
