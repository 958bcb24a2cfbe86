/** A gateway before an emulator that gives up data requests which take too long: those above `maxBytes`, until the line is faster after one that passed. */

import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GeminiFilesEmulator } from '../../src/testing/index.js';
import { forward } from './limiting-gateway.js';
import { listening, type ListeningServer } from './raw-server.js';

export interface HastyGateway extends ListeningServer {
  /** Lengths of the data requests, in order. */
  readonly lengths: readonly number[];
}

/** @param end - a status, or `break`, after which the next query is answered with 503 so that the attempt ends */
export async function hastyGateway(
  { url }: GeminiFilesEmulator,
  { maxBytes, afterMs, end }: { maxBytes: number; afterMs: number; end: number | 'break' },
): Promise<HastyGateway> {
  const lengths: number[] = [];
  let isBroken = false;
  let isSlow = true;
  const server = createServer((request, response) => {
    const command = String(request.headers['x-goog-upload-command']);
    const bytes = Number(request.headers['content-length'] ?? 0);
    if (command === 'query' && isBroken) {
      isBroken = false;
      return void response.writeHead(503).end();
    }
    if (!command.startsWith('upload')) return forward(request, response, url);
    lengths.push(bytes);
    isSlow &&= bytes > maxBytes;
    if (!isSlow) return forward(request, response, url);
    request.resume();
    void sleep(afterMs).then(() => {
      isBroken = end === 'break';
      if (end === 'break') request.socket.resetAndDestroy();
      else response.writeHead(end).end('<html>Gateway</html>');
    });
  });
  return Object.assign(await listening(server), { lengths });
}
