/**
 * A gateway before the emulator that echoes secrets, in successes too: the key of the request, and the upload URL. It makes these URLs
 * itself, with a short id in the query or in the path.
 */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { httpServer } from './raw-server.js';

export interface EchoingGateway extends AsyncDisposable {
  readonly url: string;
  /** Ids of the sessions that it has named. */
  readonly sessions: readonly string[];
  /** How many answers it has given. */
  readonly answers: number;
  /** Where requests go from now on. */
  sendTo(url: string): void;
}

export async function echoingGateway(): Promise<EchoingGateway> {
  const sessions = new Map<string, string>();
  let target = '';
  let answers = 0;

  const named = (uploadUrl: string): string => {
    const id = randomBytes(5).toString('base64url');
    sessions.set(id, uploadUrl);
    const { url } = server;
    return sessions.size % 2 === 1 ? `${url}/uploads/${id}/x` : `${url}/upload/v1beta/files?upload_id=${id}`;
  };
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = incoming.url ?? '';
    const id = /(?:\/uploads\/|upload_id=)([\w-]+)/.exec(path)?.[1] ?? '';
    const { method } = incoming;
    // Of what it is called, the emulator makes its upload URLs.
    const headers = { ...incoming.headers, host: new URL(target).host };
    const outgoing = request(sessions.get(id) ?? `${target}${path}`, { method, headers });
    incoming.pipe(outgoing);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const uploadUrl = answer.headers['x-goog-upload-url'];
    const key = String(incoming.headers['x-goog-api-key']);
    const body = echoing(Buffer.concat(chunks).toString(), key, `${path} ${id}`);
    answers += 1;
    const session = typeof uploadUrl === 'string' && named(uploadUrl);
    response
      .writeHead(answer.statusCode ?? 500, {
        ...answer.headers,
        'content-length': Buffer.byteLength(body),
        ...(session && { 'x-goog-upload-url': session, 'x-goog-upload-control-url': session }),
      })
      .end(body);
  };
  const server = await httpServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  return {
    ...server,
    get sessions() {
      return [...sessions.keys()];
    },
    get answers() {
      return answers;
    },
    sendTo: (to) => void (target = to),
  };
}

/** `body` with the key and the request's URL in every text in which a server may say what it likes. */
function echoing(body: string, key: string, said: string): string {
  let json: { file?: unknown };
  try {
    json = JSON.parse(body) as { file?: unknown };
  } catch {
    return `${body} with ${key} at ${said}`;
  }
  const file = (json.file ?? json) as Record<string, unknown>;
  const { error } = file;
  if (typeof error === 'object' && error !== null) {
    const { message } = error as { message?: string };
    file.error = { ...error, message: `${message} with ${key} at ${said}` };
  }
  // A file's texts are data, in which a short id is a word like any other: it has all of the path there.
  const whole = said.split(' ')[0];
  if (typeof file.uri === 'string') {
    Object.assign(file, {
      uri: `${file.uri}?key=${key}&at=${whole}`,
      mimeType: `${String(file.mimeType)};${key}`,
      displayName: `${key} at ${whole}`,
      expirationTime: `${String(file.expirationTime)} ${key}`,
    });
  }
  return JSON.stringify(json);
}
