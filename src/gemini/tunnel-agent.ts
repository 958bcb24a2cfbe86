/**
 * Connections to https servers through a proxy: CONNECT, and then TLS with the server itself, so that the proxy sees neither
 * key nor content. Each tunnel is kept and used again as a direct connection is.
 *
 * It is Node's own agent with another way to connect. The libraries for it either do not bound the time of CONNECT, or do not tell
 * how the proxy answered it; both matter here (a proxy that is silent, and one that answers 407).
 */

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ProxyAnswerError } from './network-setup.js';
import type { Proxy } from './proxy.js';

/** Bound of the proxy's answer to CONNECT if the request does not give one, in milliseconds. */
const CONNECT_TIMEOUT_MS = 30_000;

export interface TunnelOptions {
  /** Bound of the proxy's answer to CONNECT, in milliseconds. @default 30000 */
  readonly tunnelTimeoutMs?: number;
  /** Ends the wait for the tunnel. Node does not give the request's own signal to its agent. */
  readonly tunnelSignal?: AbortSignal;
}

export class TunnelAgent extends Agent {
  constructor(
    private readonly proxy: Proxy,
    options: ConstructorParameters<typeof Agent>[0],
  ) {
    super(options);
  }

  override createConnection(
    options: RequestOptions & TunnelOptions,
    callback: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    openTunnel(this.proxy, options)
      .then((socket) => super.createConnection({ ...options, socket } as RequestOptions) as Duplex)
      .then(
        (stream) => callback(null, stream),
        // Node reads the stream only if there is no error.
        (error: Error) => callback(error, undefined as unknown as Duplex),
      );
  }
}

function openTunnel(
  { url, authorization }: Proxy,
  { host, port, tunnelTimeoutMs = CONNECT_TIMEOUT_MS, tunnelSignal }: RequestOptions & TunnelOptions,
): Promise<Socket> {
  const target = `${isIPv6(host ?? '') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...(authorization && { 'proxy-authorization': authorization }) },
      agent: false,
    });
    // A timer, because a proxy that sends its answer a byte at a time never leaves the socket idle.
    const late = setTimeout(
      () => request.destroy(new Error(`the proxy did not answer CONNECT in ${tunnelTimeoutMs} ms`)),
      tunnelTimeoutMs,
    );
    const abort = () => request.destroy(new Error('the request was ended'));
    const settle = () => {
      clearTimeout(late);
      tunnelSignal?.removeEventListener('abort', abort);
    };
    request.on('error', reject);
    request.once('close', settle);
    request.once('connect', ({ statusCode = 0 }: IncomingMessage, socket: Socket) => {
      settle();
      if (statusCode >= 200 && statusCode < 300) return resolve(socket);
      socket.destroy();
      reject(new ProxyAnswerError(statusCode));
    });
    request.once('response', (response) => response.destroy());
    tunnelSignal?.addEventListener('abort', abort, { once: true });
    if (tunnelSignal?.aborted) abort();
    request.end();
  });
}
