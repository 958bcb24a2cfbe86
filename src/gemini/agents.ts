/** The connections to the provider: this is the one place that decides how they are made and kept. */

import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { proxyFor, type Proxy } from './proxy.js';
import { TunnelAgent } from './tunnel-agent.js';

/**
 * An idle connection is closed after this time, in milliseconds. Servers and proxies close idle connections too (Node.js
 * after 5 s, most others later), and a request on a connection that the server closes at that moment breaks. Such a
 * request is not sent again here: it looks the same as one whose answer was lost, and only Temporal decides on retries.
 */
const IDLE_MS = 4000;

const options = { keepAlive: true, timeout: IDLE_MS };
const agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
/** By proxy and its user; the environment of a process names few. */
const tunnels = new Map<string, TunnelAgent>();

/** How a request reaches its server. */
export interface Route {
  /** Where the connection goes: the server, or a proxy that is asked for an http URL. */
  readonly server: URL;
  readonly agent: HttpAgent;
  /** What the request needs for that. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws NetworkSetupError if the environment names a proxy that cannot be used */
export function routeTo(url: URL): Route {
  const proxy = proxyFor(url);
  if (!proxy) return { server: url, agent: agentOf(url) };
  if (url.protocol === 'https:') return { server: url, agent: tunnelThrough(proxy) };
  const { authorization } = proxy;
  return {
    server: proxy.url,
    agent: agentOf(proxy.url),
    path: url.href,
    headers: { host: url.host, ...(authorization !== undefined && { 'proxy-authorization': authorization }) },
  };
}

const agentOf = ({ protocol }: URL) => agents[protocol === 'https:' ? 'https:' : 'http:'];

function tunnelThrough(proxy: Proxy): TunnelAgent {
  const key = `${proxy.url.href} ${proxy.authorization ?? ''}`;
  const tunnel = tunnels.get(key) ?? new TunnelAgent(proxy, options);
  tunnels.set(key, tunnel);
  return tunnel;
}
