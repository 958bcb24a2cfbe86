/** A gateway before an emulator that takes bodies up to a limit, as nginx and load balancers do. */

import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GeminiFilesEmulator } from '../../src/testing/index.js';
import { listening, type ListeningServer } from './raw-server.js';

/** What it does to the connection after its 413: closes it, resets it, or reads on. `mute` resets it without an answer. */
export type Manner = 'close' | 'reset' | 'read on' | 'mute';

export interface LimitingGateway extends ListeningServer {
  readonly url: string;
  /** Lengths of the bodies that it refused, in order. */
  readonly refused: readonly number[];
}

/** @param mannerOf - for the nth body that is too long, counted from 0 */
export async function limitingGateway(
  { url }: GeminiFilesEmulator,
  maxBytes: number,
  mannerOf: (nth: number) => Manner,
): Promise<LimitingGateway> {
  const refused: number[] = [];
  const server = createServer((request, response) => {
    const bytes = Number(request.headers['content-length'] ?? 0);
    if (bytes <= maxBytes) return forward(request, response, url);
    void refuse(request, response, mannerOf(refused.push(bytes) - 1));
  });
  const at = await listening(server);
  return Object.assign(at, { url: `http://127.0.0.1:${at.port}`, refused });
}

async function refuse(request: IncomingMessage, response: ServerResponse, manner: Manner): Promise<void> {
  const { socket } = request;
  if (manner === 'mute') return void socket.resetAndDestroy();
  const page = '<html><h1>413 Request Entity Too Large</h1></html>';
  response.writeHead(413, {
    'content-type': 'text/html',
    'content-length': page.length,
    ...(manner !== 'read on' && { connection: 'close' }),
  });
  response.end(page);
  if (manner === 'read on') return void request.resume();
  if (manner === 'close') return void socket.end();
  // Bytes that come meanwhile stay unread, so that the reset follows the answer at once.
  request.pause();
  await sleep(5);
  socket.resetAndDestroy();
}

/** Passes a request on, and its answer back. */
export function forward(request: IncomingMessage, response: ServerResponse, url: string): void {
  const { method, headers } = request;
  const onward = httpRequest(new URL(request.url ?? '', url), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 0, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}
