/** A Temporal server that is reached, says who it is, and then answers nothing. */

import { once } from 'node:events';
import { createServer, type Http2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { stopwatch } from './stopwatch.js';

export interface SilentTemporal extends AsyncDisposable {
  readonly address: string;
  /** Names of the calls that came, in their order. */
  readonly calls: readonly string[];
  /** Since the first call that has no answer. */
  readonly silentMs: () => number;
}

export async function silentTemporal(): Promise<SilentTemporal> {
  const calls: string[] = [];
  let silentMs: (() => number) | undefined;
  const sessions = new Set<Http2Session>();
  const server = createServer();
  server.on('session', (session) => sessions.add(session.on('error', () => undefined)));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const call = String(headers[':path']).split('/').at(-1) ?? '';
    calls.push(call);
    if (call !== 'GetSystemInfo') return void (silentMs ??= stopwatch());
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    // The frame of a message without fields.
    stream.end(Buffer.alloc(5));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    silentMs: () => silentMs?.() ?? NaN,
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
