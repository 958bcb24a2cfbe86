/** A server that files are read from: https, with a certificate that only its `ca` vouches for. Faults are scripted, one a request. */

import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { cert, key } from '../security/fixtures/self-signed.js';

export interface ServedFile {
  content: Buffer;
  /** @default '"v1"'; null: none */
  etag?: string | null;
  /** Whether it answers a range with a part. @default true */
  ranges?: boolean;
  headers?: Record<string, string>;
}

/** Answers one request in place of the file; undefined: as the file does. */
export type Act = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export class SourceServer implements AsyncDisposable {
  readonly files = new Map<string, ServedFile>();
  readonly acts: (Act | undefined)[] = [];
  readonly requests: SeenRequest[] = [];
  readonly ca = cert;
  connections = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly scheme = 'https',
  ) {
    server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.requests.push({ path: request.url ?? '', headers: request.headers });
      response.on('error', () => undefined);
      const act = this.acts.shift();
      if (act) act(request, response);
      else this.serve(request, response);
    });
  }

  /** @param host - the address that it listens on; the certificate has 127.0.0.1 and 127.0.0.2 */
  static async start(host = '127.0.0.1'): Promise<SourceServer> {
    const server = createServer({ cert, key });
    server.on('tlsClientError', () => undefined);
    server.listen(0, host);
    await once(server, 'listening');
    return new SourceServer(server);
  }

  /** Without TLS, as an S3 source's `endpoint` on this machine may be. */
  static async startPlain(): Promise<SourceServer> {
    const server = createPlainServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SourceServer(server, 'http');
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `${this.scheme}://${address}:${port}`;
  }

  url(path: string): string {
    return `${this.origin}${path}`;
  }

  /** The ranges that were asked for, in order. */
  get ranges(): (string | undefined)[] {
    return this.requests.map(({ headers }) => headers.range);
  }

  reset(): void {
    this.files.clear();
    this.acts.length = 0;
    this.requests.length = 0;
    this.connections = 0;
  }

  /** As a good server does. */
  readonly serve: Act = (request, response) => {
    const file = this.files.get(decodeURIComponent((request.url ?? '').split('?', 1)[0] ?? ''));
    if (!file) return response.writeHead(404).end('no such file');
    const part = partOf(file, request.headers);
    const { status, from, to } = part;
    const etag = file.etag === undefined ? '"v1"' : file.etag;
    response.writeHead(status, {
      'content-type': 'application/octet-stream',
      'content-length': String(to - from),
      ...(status === 206 && { 'content-range': `bytes ${from}-${to - 1}/${file.content.length}` }),
      ...(status === 416 && { 'content-range': `bytes */${file.content.length}` }),
      ...(etag !== null && { etag }),
      ...file.headers,
    });
    return response.end(file.content.subarray(from, to));
  };

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

function partOf(
  { content, etag = '"v1"', ranges = true }: ServedFile,
  headers: IncomingMessage['headers'],
): { status: number; from: number; to: number } {
  const all = { status: 200, from: 0, to: content.length };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  if (!ranges || first === undefined) return all;
  const condition = headers['if-range'];
  if (condition !== undefined && condition !== etag) return all;
  if (Number(first) >= content.length) return { status: 416, from: 0, to: 0 };
  const to = last ? Math.min(Number(last) + 1, content.length) : content.length;
  return { status: 206, from: Number(first), to };
}

/** Sends the first `bytes` of the true answer's body, and breaks the connection. */
export function breakAfter(server: SourceServer, bytes: number): Act {
  return (request, response) => {
    const end = (body: Buffer) => {
      response.write(body.subarray(0, bytes), () => setImmediate(() => response.socket?.destroy()));
      return response;
    };
    server.serve(request, Object.assign(response, { end }));
  };
}

/** Answers with a status, headers and a body of its own. */
export function answer(status: number, headers: Record<string, string> = {}, body = ''): Act {
  return (_request, response) => response.writeHead(status, headers).end(body);
}
