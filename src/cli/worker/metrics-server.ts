/**
 * Serves `/metrics` and `/healthz` on one address. Temporal's exporter serves only `/metrics`: it listens on loopback, and this
 * server forwards to it.
 */

import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '../../util/free-port.js';
import { UsageError } from '../exit.js';
import { errorMessage } from '../../util/error-message.js';

/** Timeout of a request, of an idle connection and of the exporter's answer. */
const TIMEOUT_MS = 5000;
/** How often the first two are looked at: Node.js does it every 30 seconds. */
const CHECK_MS = 1000;
const MAX_CONNECTIONS = 32;

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** @param text - `host:port`; an IPv6 address in brackets; port 0 for any free port @throws UsageError */
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
  /** URL of `/metrics`, with the chosen port. */
  readonly url: string;
  /** Address on which Temporal's exporter has to listen. */
  readonly exporterAddress: string;
}

/**
 * @param unhealthyReason - why the process is not healthy; undefined if it is
 * @throws Error if the address cannot be listened on
 */
export async function startMetricsServer(
  { host, port }: ListenAddress,
  unhealthyReason: () => Promise<string | undefined>,
): Promise<MetricsServer> {
  const exporterAddress = `127.0.0.1:${await freePort()}`;
  const server = createServer(
    { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS, connectionsCheckingInterval: CHECK_MS },
    (request, response) => {
      void answer(request, response, exporterAddress, unhealthyReason);
    },
  );
  server.keepAliveTimeout = TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Error(
      `Cannot listen on --metrics ${host}:${port}: ${errorMessage(error)}; give another port, or 0 for any free one`,
      { cause: error },
    );
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
  unhealthyReason: () => Promise<string | undefined>,
): Promise<void> {
  const { method, url, headers } = request;
  const say = (status: number, text: string, more: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...more });
    // Node omits the body for HEAD.
    response.end(`${text}\n`);
  };
  if (method !== 'GET' && method !== 'HEAD')
    return say(405, 'GET and HEAD only', { allow: 'GET, HEAD', connection: 'close' });
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
    return say(400, 'the request must not have a body', { connection: 'close' });
  switch (url?.split('?', 1)[0]) {
    case '/healthz': {
      const reason = await unhealthyReason();
      return reason === undefined ? say(200, 'ok') : say(503, reason);
    }
    case '/metrics':
      return relay(exporterAddress, response, () => say(503, 'no metrics yet'));
    default:
      return say(404, 'not found; try /metrics or /healthz');
  }
}

function relay(exporterAddress: string, response: ServerResponse, onNone: () => void): void {
  const upstream = get(
    `http://${exporterAddress}/metrics`,
    { timeout: TIMEOUT_MS, agent: false },
    (metrics) => {
      // The exporter's lines are in Prometheus's text format.
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
