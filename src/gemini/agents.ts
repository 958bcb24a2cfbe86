/** The connections to the provider: this is the one place that decides how they are made and kept. */

import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/**
 * An idle connection is closed after this time, in milliseconds. Servers and proxies close idle connections too (Node.js
 * after 5 s, most others later), and a request on a connection that the server closes at that moment breaks. Such a
 * request is not sent again here: it looks the same as one whose answer was lost, and only Temporal decides on retries.
 */
const IDLE_MS = 4000;

const options = { keepAlive: true, timeout: IDLE_MS };
const agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };

/** The agent for a request to `url`. */
export function agentFor(url: URL): HttpAgent {
  return url.protocol === 'https:' ? agents.https : agents.http;
}
