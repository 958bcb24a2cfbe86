/** The stall of a request: bytes that were handed to its connection and do not move. */

import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/** Destroys a request that stalls. Time in which the connection has nothing to move does not count. */
export class StallWatch {
  private pauses = false;
  private socket: Socket | undefined;

  /** @param request - whose option `timeout` is `timeoutMs`, so that the making of its connection is bounded too */
  constructor(
    private readonly request: ClientRequest,
    private readonly timeoutMs: number,
  ) {
    request.once('socket', (socket) => {
      this.socket = socket;
      // Not the request's own `timeout`: it comes once, even if that one was ignored.
      socket.on('timeout', this.onIdle);
      request.once('close', () => socket.off('timeout', this.onIdle));
    });
  }

  /** Waits for what comes before the next bytes: the source, or the pace. */
  async pauseFor<T>(wait: Promise<T>): Promise<T> {
    this.pauses = true;
    try {
      return await wait;
    } finally {
      this.pauses = false;
      // A connection that is still being made has been idle all the time, and would not time out again.
      this.socket?.setTimeout(this.timeoutMs);
    }
  }

  private readonly onIdle = () => {
    // Once all is sent, another bound applies.
    if (this.pauses || this.request.writableFinished) return;
    this.request.destroy(new Error(`no byte moved for ${this.timeoutMs} ms`));
  };
}
