/** For whom the certificate of a source's server has to be: the name in the URL, or its address, whatever the connection goes to. */

import { createServer } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { HttpConnection } from '../../../src/sources/http/connection.js';
import * as localhost from '../../security/fixtures/self-signed.js';
import * as wildcard from '../../security/fixtures/wildcard.js';
import { listening } from '../../support/raw-server.js';

/** Every name is this machine. */
const lookup: LookupFunction = (_host, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);

interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** What comes of a GET to `host`, at a server with the certificate, which is trusted. */
async function get(host: string, { cert, key }: Identity) {
  const names: unknown[] = [];
  let requests = 0;
  const server = createServer({ cert, key }, (_request, response) => {
    requests += 1;
    response.end('hello');
  });
  server.on('tlsClientError', () => undefined);
  // False without one.
  server.on('secureConnection', (socket: TLSSocket & { servername?: unknown }) =>
    names.push(socket.servername),
  );
  await using at = await listening(server);
  const nothing = () => undefined;
  const settings = { lookup, ca: cert, onIdle: nothing, onClose: nothing };
  const connection = new HttpConnection(new URL(`https://${host}:${at.port}/`), settings);
  try {
    const { status } = await connection.get(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`).head;
    return { status, names };
  } catch (error) {
    expect(requests).toBe(0);
    return { code: (error as NodeJS.ErrnoException).code };
  } finally {
    connection.destroy();
  }
}

it.each<[string, Identity, string | false]>([
  ['a.media.example', wildcard, 'a.media.example'],
  ['A.Media.Example', wildcard, 'a.media.example'],
  ['localhost', localhost, 'localhost'],
  // An address is not sent as a name (RFC 6066, 3).
  ['127.0.0.1', localhost, false],
])('takes that of %s, and asks the server for it', async (host, identity, name) => {
  expect(await get(host, identity)).toEqual({ status: 200, names: [name] });
});

it.each<[string, Identity]>([
  ['media.example', wildcard],
  ['a.b.media.example', wildcard],
  ['a.media.example.evil.test', wildcard],
  ['amedia.example', wildcard],
  ['127.0.0.1', wildcard],
  ['media.example', localhost],
  ['a.localhost', localhost],
])('takes no other one for %s', async (host, identity) => {
  expect(await get(host, identity)).toEqual({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});
