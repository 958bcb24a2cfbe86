/** A Files API on loopback with a script for each request: an honest answer, a false one, or a broken connection. */

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { listening, type ListeningServer } from '../support/raw-server.js';

/** How one request is handled. `work`: it is carried out first, as by an honest server. */
export type Act =
  | { readonly do: 'truth' }
  /** Keeps other bytes than those received, and reports them. */
  | { readonly do: 'corrupt' }
  /** The honest answer with parts replaced. */
  | { readonly do: 'alter'; readonly headers?: Headers_; readonly body?: Body; readonly status?: number }
  | {
      readonly do: 'answer';
      readonly work: boolean;
      readonly status: number;
      readonly headers: Headers_;
      readonly body: Body;
      /** Before the request's body has been read. */
      readonly early: boolean;
    }
  /** Ends the connection: before anything, after some bytes of the body, after the work, in the middle of the answer. */
  | { readonly do: 'break'; readonly at: 'once' | 'bytes' | 'answer' | 'cut'; readonly bytes: number }
  /** Writes what is no HTTP, or more of it than anybody takes. */
  | { readonly do: 'garbage'; readonly bytes: Uint8Array | 'long-header' | 'endless-body' }
  /** No answer. */
  | { readonly do: 'stall' };

export type Headers_ = Readonly<Record<string, string | undefined>>;
export type Body =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A File resource that claims something. */
  | { readonly kind: 'file'; readonly wrap: boolean; readonly fields: Readonly<Record<string, unknown>> };

interface Session {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  bytes: Buffer;
  state: 'active' | 'final' | 'dead';
}

/** What the model knows of one case. */
export interface World {
  readonly granularity: number;
  readonly script: Act[];
  readonly files: Map<string, Buffer>;
  readonly sessions: Session[];
  requests: number;
  /** Bytes of data that came in. */
  readonly claims: { readonly name?: unknown; readonly sizeBytes?: unknown; readonly sha256Hash?: unknown }[];
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const hex = (content: Buffer) => createHash('sha256').update(content).digest('hex');

const resource = (name: string, content: Buffer) => ({
  name,
  uri: `https://example.invalid/v1beta/${name}`,
  state: 'ACTIVE',
  mimeType: 'text/plain',
  sizeBytes: String(content.length),
  sha256Hash: Buffer.from(hex(content)).toString('base64'),
});

const googleError = (code: number, status: string, message: string): Answer => ({
  status: code,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: { code, status, message } }),
});

export class HostileServer implements AsyncDisposable {
  private readonly worlds = new Map<string, World>();
  private count = 0;
  private constructor(
    http: ReturnType<typeof createServer>,
    private readonly server: ListeningServer,
  ) {
    http.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      void this.handle(request, response).catch(() => socket.destroy());
    });
  }

  static async start(): Promise<HostileServer> {
    const http = createServer({ keepAliveTimeout: 60_000 });
    return new HostileServer(http, await listening(http));
  }

  /** A world of its own, under a path of its own. */
  open(granularity: number, script: readonly Act[]): { world: World; url: string } {
    const id = `c${(this.count += 1)}`;
    const world: World = {
      granularity,
      script: [...script],
      files: new Map(),
      sessions: [],
      requests: 0,
      claims: [],
    };
    this.worlds.set(id, world);
    return { world, url: `${this.server.url}/${id}` };
  }

  close(url: string): void {
    this.worlds.delete(new URL(url).pathname.slice(1));
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.server[Symbol.asyncDispose]();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://host');
    const [, id = '', ...path] = url.pathname.split('/');
    const world = this.worlds.get(id);
    // Later, an ended request does not know its connection any more.
    const { socket } = request;
    if (!world) return void socket.destroy();
    world.requests += 1;
    const act = world.script.shift() ?? { do: 'truth' };
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    switch (act.do) {
      case 'corrupt':
        return send(response, await work(world, request, path, url, true));
      case 'truth':
        return send(response, await work(world, request, path, url));
      case 'alter': {
        const honest = await work(world, request, path, url);
        const headers = Object.entries({ ...honest.headers, ...act.headers }).filter(
          (pair): pair is [string, string] => pair[1] !== undefined,
        );
        return send(response, {
          status: act.status ?? honest.status,
          headers: Object.fromEntries(headers),
          body: act.body ? rendered(world, act.body, path, url) : honest.body,
        });
      }
      case 'answer':
        if (act.work) await work(world, request, path, url);
        else if (!act.early) await read(request);
        return send(response, {
          status: act.status,
          headers: act.headers as Record<string, string>,
          body: rendered(world, act.body, path, url),
        });
      case 'break':
        await breakOff(world, request, response, path, url, act);
        return void socket.destroy();
      case 'garbage':
        return garbage(request, response, act.bytes, socket);
      case 'stall':
        await read(request);
    }
  }
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  try {
    response.writeHead(status, headers);
    response.end(status === 204 || status === 304 ? undefined : Buffer.from(body, 'latin1'));
  } catch {
    // Node refuses to send it, so there is no answer.
    response.destroy();
  }
}

async function read(
  request: IncomingMessage,
  onChunk: (chunk: Buffer) => boolean = () => true,
): Promise<void> {
  for await (const chunk of request as AsyncIterable<Buffer>) if (!onChunk(chunk)) return;
}

async function breakOff(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  path: readonly string[],
  url: URL,
  act: Act & { do: 'break' },
): Promise<void> {
  if (act.at === 'bytes') {
    const session = world.sessions.find((one) => one.id === url.searchParams.get('upload_id'));
    let seen = 0;
    await read(request, (chunk) => {
      const kept = chunk.subarray(0, Math.max(0, act.bytes - seen));
      seen += kept.length;
      // What arrived of it is kept, in whole units, as it is said of the provider.
      if (session?.state === 'active' && atEnd(session, request)) {
        session.bytes = Buffer.concat([session.bytes, kept]);
      }
      return seen < act.bytes;
    });
    if (session?.state === 'active')
      session.bytes = session.bytes.subarray(
        0,
        Math.floor(session.bytes.length / world.granularity) * world.granularity,
      );
  } else if (act.at === 'answer') {
    await work(world, request, path, url);
  } else if (act.at === 'cut') {
    const { status, headers, body } = await work(world, request, path, url);
    response.writeHead(status, { ...headers, 'content-length': String(body.length + 10) });
    await new Promise<void>((written) => response.write(body.slice(0, act.bytes) || ' ', () => written()));
  }
}

const atEnd = (session: Session, { headers }: IncomingMessage) =>
  Number(headers['x-goog-upload-offset']) <= session.bytes.length;

async function garbage(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: (Act & { do: 'garbage' })['bytes'],
  socket: Socket,
): Promise<void> {
  await read(request);
  if (bytes === 'long-header') {
    response.setHeader('x-long', 'x'.repeat(20_000));
    response.end();
  } else if (bytes === 'endless-body') {
    response.writeHead(500);
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65536, 'x')));
    };
    response.on('drain', more);
    more();
  } else {
    socket.end(bytes);
  }
}

function rendered(world: World, body: Body, path: readonly string[], url: URL): string {
  if (body.kind === 'text') return body.text;
  if (body.kind === 'bytes') return Buffer.from(body.bytes).toString('latin1');
  const session = world.sessions.find((one) => one.id === url.searchParams.get('upload_id'));
  const name = path.at(-2) === 'files' ? `files/${path.at(-1)}` : (session?.name ?? 'files/unknown');
  const file = { ...resource(name, session?.bytes ?? Buffer.alloc(0)), ...body.fields };
  world.claims.push(file);
  return JSON.stringify(body.wrap ? { file } : file);
}

/** The honest server. */
async function work(
  world: World,
  request: IncomingMessage,
  path: readonly string[],
  url: URL,
  corrupt = false,
): Promise<Answer> {
  const chunks: Buffer[] = [];
  await read(request, (chunk) => (chunks.push(chunk), true));
  const body = Buffer.concat(chunks);
  if (path[0] !== 'upload') return files(world, request.method ?? '', path);
  const command = String(request.headers['x-goog-upload-command']);
  if (command === 'start') return start(world, request, body);
  const session = world.sessions.find((one) => one.id === url.searchParams.get('upload_id'));
  if (!session) return { status: 404, headers: {}, body: '' };
  if (session.state === 'final' && command === 'query') return final(world, session);
  if (session.state !== 'active')
    return { status: 400, headers: {}, body: 'Upload has already been terminated.' };
  if (command === 'cancel') {
    session.state = 'dead';
    return { status: 200, headers: { 'x-goog-upload-status': 'cancelled' }, body: '' };
  }
  if (command === 'query') {
    const received = String(session.bytes.length);
    const headers = { 'x-goog-upload-status': 'active', 'x-goog-upload-size-received': received };
    return { status: 200, headers, body: '' };
  }
  if (corrupt) body.fill(0xff);
  return data(world, session, request, body, command.includes('finalize'));
}

function start(world: World, request: IncomingMessage, body: Buffer): Answer {
  const { file } = JSON.parse(body.toString()) as { file: { name: string; sizeBytes: string } };
  if (world.files.has(file.name)) return googleError(409, 'ALREADY_EXISTS', 'already exists');
  const id = `secret-of-session-${world.sessions.length}-${createHash('md5').update(body).digest('hex')}`;
  world.sessions.push({
    id,
    name: file.name,
    size: Number(file.sizeBytes),
    bytes: Buffer.alloc(0),
    state: 'active',
  });
  const headers = {
    'x-goog-upload-status': 'active',
    'x-goog-upload-url': `http://${request.headers.host}${request.url}?upload_id=${id}&upload_protocol=resumable`,
    'x-goog-upload-chunk-granularity': String(world.granularity),
  };
  return { status: 200, headers, body: '' };
}

function data(
  world: World,
  session: Session,
  { headers }: IncomingMessage,
  body: Buffer,
  finalize: boolean,
): Answer {
  const offset = Number(headers['x-goog-upload-offset']);
  const active = { 'x-goog-upload-status': 'active' };
  if (offset !== session.bytes.length)
    return {
      status: 409,
      headers: active,
      body: `Invalid offset: expected ${session.bytes.length}, got ${offset}`,
    };
  if (!finalize && body.length % world.granularity !== 0)
    return {
      status: 400,
      headers: active,
      body: `not a multiple of the ${world.granularity} byte chunk granularity.`,
    };
  session.bytes = Buffer.concat([session.bytes, body]);
  if (!finalize) return { status: 200, headers: active, body: '' };
  session.state = 'dead';
  if (session.bytes.length !== session.size)
    return { ...googleError(400, 'INVALID_ARGUMENT', 'size'), headers: { 'x-goog-upload-status': 'final' } };
  if (world.files.has(session.name))
    return {
      ...googleError(409, 'ALREADY_EXISTS', 'already exists'),
      headers: { 'x-goog-upload-status': 'final' },
    };
  session.state = 'final';
  world.files.set(session.name, session.bytes);
  return final(world, session);
}

function final(world: World, session: Session): Answer {
  const content = world.files.get(session.name) ?? Buffer.alloc(0);
  const headers = { 'x-goog-upload-status': 'final', 'content-type': 'application/json' };
  return { status: 200, headers, body: JSON.stringify({ file: resource(session.name, content) }) };
}

function files(world: World, method: string, path: readonly string[]): Answer {
  const name = `files/${path.at(-1)}`;
  const content = world.files.get(name);
  if (!content)
    return googleError(
      403,
      'PERMISSION_DENIED',
      `You do not have permission to access the File ${path.at(-1)} or it may not exist.`,
    );
  if (method === 'DELETE') world.files.delete(name);
  const body = JSON.stringify(method === 'DELETE' ? {} : resource(name, content));
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}
