/** A forward proxy on 127.0.0.1: CONNECT for https, absolute URLs for http. Only it knows the hosts of `hosts`. */

import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { cert, key } from '../security/fixtures/self-signed.js';
import { listening, type ListeningServer } from './raw-server.js';

export interface ProxyOptions {
  /** Ports on this machine that stand for hosts: `files.test:443`. */
  readonly hosts: Readonly<Record<string, number>>;
  /** Value of `Proxy-Authorization` that is asked for. @default none */
  readonly authorization?: string;
  /** Answers a CONNECT by itself. */
  readonly onConnect?: (socket: Socket) => void;
}

export interface TestProxy extends ListeningServer {
  readonly url: string;
  /** What was asked for, in order: `CONNECT files.test:443`, `GET http://files.test/…`. */
  readonly asked: readonly string[];
}

export async function startProxy({ hosts, authorization, onConnect }: ProxyOptions): Promise<TestProxy> {
  const asked: string[] = [];
  const mayPass = ({ headers }: IncomingMessage) =>
    authorization === undefined || headers['proxy-authorization'] === authorization;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (!mayPass(request))
      return void response.writeHead(407, { connection: 'close' }).end('<html>Login</html>');
    forward(request, response, hosts);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.on('error', () => undefined);
    if (onConnect) return onConnect(socket);
    if (!mayPass(request)) return void socket.end('HTTP/1.1 407 Login\r\ncontent-length: 0\r\n\r\n');
    const port = hosts[request.url ?? ''];
    if (port === undefined) return void socket.end('HTTP/1.1 502 Unknown host\r\n\r\n');
    const onward = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connected\r\n\r\n'));
    join(socket, onward);
  });
  const at = await listening(server);
  return Object.assign(at, { url: `http://127.0.0.1:${at.port}`, asked });
}

function forward(request: IncomingMessage, response: ServerResponse, hosts: ProxyOptions['hosts']): void {
  const url = new URL(request.url ?? '', 'http://nowhere.test');
  const port = hosts[`${url.hostname}:${url.port || 80}`];
  if (port === undefined) return void response.writeHead(502).end();
  const { method, headers } = request;
  const onward = httpRequest({ host: '127.0.0.1', port, path: url.pathname + url.search, method, headers });
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 0, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}

/** A TLS server with this test's certificate before the plain server at `port`. */
export function tlsBefore(port: number): Promise<ListeningServer> {
  return listening(createTls({ key, cert }, (socket) => join(socket, connect(port, '127.0.0.1'))));
}

function join(one: Socket, other: Socket): void {
  one.pipe(other).pipe(one);
  for (const [socket, peer] of [
    [one, other],
    [other, one],
  ] as const)
    socket.on('error', () => undefined).on('close', () => peer.destroy());
}
