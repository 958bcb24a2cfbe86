/** A file server on loopback that does, request for request, what a script says: the truth, a lie that can be noticed, or a break. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What becomes of one request. */
export type SourceAct =
  | { readonly do: 'truth' }
  /** The file is replaced before the request is answered with the truth. */
  | { readonly do: 'change'; readonly sizeBytes: number }
  /** The connection ends after some bytes of the body, or before the answer. */
  | { readonly do: 'break'; readonly bytes: number }
  /** Less than was asked for, and it says so. */
  | { readonly do: 'short'; readonly bytes: number }
  /** Everything, whatever was asked for. */
  | { readonly do: 'whole' }
  | { readonly do: 'status'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  /** The truth, with headers of its own. */
  | { readonly do: 'headers'; readonly headers: Readonly<Record<string, string | undefined>> }
  /** A part from another place than was asked for, or of a greater file, and it says so. */
  | { readonly do: 'shift'; readonly by: number; readonly more: number }
  | { readonly do: 'garbage'; readonly bytes: Uint8Array }
  /** Part of the body, and then nothing, or a byte now and then. */
  | { readonly do: 'stall'; readonly bytes: number; readonly drip: boolean };

export interface SourceCase {
  readonly sizeBytes: number;
  /** Of the honest answers: a strong one for each version, a weak one, or none. */
  readonly etag: 'strong' | 'weak' | 'none';
  readonly script: readonly SourceAct[];
}

/** The content of a version: no two versions have a byte in common. */
export function contentOf(version: number, sizeBytes: number): Buffer {
  return Buffer.from(Array.from({ length: sizeBytes }, (_, at) => (at * 37 + version * 101) % 251));
}

export class HostileSource implements AsyncDisposable {
  requests = 0;
  /** Every content that the file has had. */
  versions: Buffer[] = [];
  private etag: SourceCase['etag'] = 'strong';
  private script: SourceAct[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.requests += 1;
      response.on('error', () => undefined);
      this.answer(request, response, this.script.shift() ?? { do: 'truth' });
    });
  }

  static async start(): Promise<HostileSource> {
    const server = createServer({ noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HostileSource(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  begin({ sizeBytes, etag, script }: SourceCase): void {
    for (const socket of this.sockets) socket.destroy();
    this.requests = 0;
    this.versions = [contentOf(0, sizeBytes)];
    this.etag = etag;
    this.script = [...script];
  }

  private answer(request: IncomingMessage, response: ServerResponse, act: SourceAct): void {
    if (act.do === 'change') this.versions.push(contentOf(this.versions.length, act.sizeBytes));
    const content = this.versions.at(-1) ?? Buffer.alloc(0);
    if (act.do === 'status') return void response.writeHead(act.status, act.headers).end();
    if (act.do === 'garbage') return void response.socket?.end(act.bytes);
    const { status, from, to } = this.part(request, content, act);
    const shown = act.do === 'shift' ? content.length + act.more : content.length;
    const headers: Record<string, string | undefined> = {
      'content-length': String(to - from),
      ...(status === 206 && { 'content-range': `bytes ${from}-${to - 1}/${shown}` }),
      ...(status === 416 && { 'content-range': `bytes */${content.length}` }),
      etag: this.currentEtag(),
      ...(act.do === 'headers' && act.headers),
    };
    const known = Object.entries(headers).filter(([, value]) => value !== undefined);
    response.writeHead(status, Object.fromEntries(known) as Record<string, string>);
    const body = content.subarray(from, to);
    if (act.do === 'break')
      return void response.write(body.subarray(0, act.bytes), () => response.socket?.destroy());
    if (act.do !== 'stall') return void response.end(body);
    response.write(body.subarray(0, act.bytes));
    if (!act.drip) return;
    let at = act.bytes;
    const drip = setInterval(() => response.write(body.subarray(at, (at += 1))), 15);
    response.once('close', () => clearInterval(drip));
  }

  private currentEtag(): string | undefined {
    if (this.etag === 'none') return undefined;
    return `${this.etag === 'weak' ? 'W/' : ''}"v${this.versions.length}"`;
  }

  private part({ headers }: IncomingMessage, { length }: Buffer, act: SourceAct) {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const other = headers['if-range'] !== undefined && headers['if-range'] !== this.currentEtag();
    if (first === undefined || act.do === 'whole' || other) return { status: 200, from: 0, to: length };
    const by = act.do === 'shift' ? act.by : 0;
    const from = Math.max(0, Number(first) + by);
    if (from >= length) return { status: 416, from: 0, to: 0 };
    const most = act.do === 'short' ? from + act.bytes : length;
    return { status: 206, from, to: Math.min(Number(last) + 1, length, Math.max(from + 1, most)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
