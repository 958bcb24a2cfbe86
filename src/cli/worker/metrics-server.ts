/**
 * `/metrics` and `/healthz` on one address. Temporal's own exporter listens on loopback and knows `/metrics` alone, without a
 * content type, which Prometheus 3 refuses: this is its front.
 */

import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '../../util/free-port.js';
import { UsageError } from '../errors.js';
import { messageOf } from '../temporal-connection.js';

/** Bound of a request, of an idle connection and of the exporter's answer. */
const PATIENCE_MS = 5000;
const MAX_CONNECTIONS = 32;

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** @param text - `host:port`; an IPv6 address in brackets; port 0 for one that is free @throws UsageError */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, name, digits = ''] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? name;
  const port = Number(digits);
  if (host === undefined || port > 65_535)
    throw new UsageError(`--metrics takes host:port, such as 127.0.0.1:9464, not ${JSON.stringify(text)}`);
  return { host, port };
}

export interface MetricsServer extends AsyncDisposable {
  /** Of `/metrics`, with the port that was chosen. */
  readonly url: string;
  /** Where Temporal's exporter is to listen. */
  readonly exporterAddress: string;
}

/**
 * @param trouble - why the process is not healthy; undefined where it is
 * @throws UsageError where nothing can listen on the address
 */
export async function startMetricsServer(
  { host, port }: ListenAddress,
  trouble: () => Promise<string | undefined>,
): Promise<MetricsServer> {
  const exporterAddress = `127.0.0.1:${await freePort()}`;
  const server = createServer(
    { requestTimeout: PATIENCE_MS, headersTimeout: PATIENCE_MS },
    (request, response) => {
      void answer(request, response, exporterAddress, trouble);
    },
  );
  server.keepAliveTimeout = PATIENCE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new UsageError(`Nothing can listen on --metrics ${host}:${port}: ${messageOf(error)}`);
  }
  const { port: chosen } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}/metrics`,
    exporterAddress,
    [Symbol.asyncDispose]: () => close(server),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  exporterAddress: string,
  trouble: () => Promise<string | undefined>,
): Promise<void> {
  const { method, url, headers } = request;
  const say = (status: number, text: string, more: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...more });
    // Node leaves the body out for HEAD.
    response.end(`${text}\n`);
  };
  if (method !== 'GET' && method !== 'HEAD')
    return say(405, 'GET and HEAD only', { allow: 'GET, HEAD', connection: 'close' });
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
    return say(400, 'a request without a body, please', { connection: 'close' });
  switch (url?.split('?', 1)[0]) {
    case '/healthz': {
      const reason = await trouble();
      return reason === undefined ? say(200, 'ok') : say(503, reason);
    }
    case '/metrics':
      return relay(exporterAddress, response, () => say(503, 'no metrics yet'));
    default:
      return say(404, '/metrics and /healthz are here');
  }
}

function relay(exporterAddress: string, response: ServerResponse, onNone: () => void): void {
  const upstream = get(
    `http://${exporterAddress}/metrics`,
    { timeout: PATIENCE_MS, agent: false },
    (metrics) => {
      // Prometheus's text format, whose lines are the exporter's own.
      response.writeHead(metrics.statusCode ?? 502, {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      });
      metrics.pipe(response);
      metrics.once('error', () => response.destroy());
    },
  );
  upstream.once('timeout', () => upstream.destroy(new Error('no answer')));
  upstream.once('error', () => {
    if (response.headersSent) response.destroy();
    else onNone();
  });
  response.once('close', () => upstream.destroy());
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
