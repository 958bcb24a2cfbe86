/** A Temporal server that is reached, says who it is, and then answers nothing. */

import { once } from 'node:events';
import { createServer, type Http2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';

export interface SilentTemporal extends AsyncDisposable {
  readonly address: string;
  /** Names of the calls that came, in their order. */
  readonly calls: readonly string[];
  /** When the first call came that has no answer, by `performance.now()`. */
  readonly silentSince: number;
}

export async function silentTemporal(): Promise<SilentTemporal> {
  const calls: string[] = [];
  let silentSince: number | undefined;
  const sessions = new Set<Http2Session>();
  const server = createServer();
  server.on('session', (session) => sessions.add(session.on('error', () => undefined)));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const call = String(headers[':path']).split('/').at(-1) ?? '';
    calls.push(call);
    if (call !== 'GetSystemInfo') return void (silentSince ??= performance.now());
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
    get silentSince() {
      return silentSince ?? NaN;
    },
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
