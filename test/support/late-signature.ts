/** A source whose function signs a URL of a store on this machine at each attempt. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { fileURLToPath } from 'node:url';
import { resolveSources, type SourcesConfig } from '../../src/sources/index.js';
import type { LocateContext, LocateFile } from '../../src/sources/options.js';

export const tlsFile = (name: 'certificate' | 'key') =>
  fileURLToPath(new URL(`./tls/${name}.pem`, import.meta.url));

const ca = readFileSync(tlsFile('certificate'), 'utf8');

/** What the function was called with, and the URLs that it returned. */
export interface Calls {
  readonly contexts: LocateContext[];
  readonly urls: string[];
}

/** The configuration of a worker whose source `store` is the function. */
export function lateSource(locate: LocateFile): { sources: SourcesConfig; calls: Calls } {
  const calls: Calls = { contexts: [], urls: [] };
  const noted: LocateFile = async (key, context) => {
    calls.contexts.push(context);
    const located = await locate(key, context);
    if ('url' in located) calls.urls.push(located.url);
    return located;
  };
  const https = { allowedOrigins: ['https://nowhere.invalid'], allowedAddresses: ['127.0.0.0/8'] };
  return { sources: { ...resolveSources({ https, store: noted }, {}), ca }, calls };
}

/** Sends a body to a server of this machine, and returns the status of the answer. */
export async function send(
  method: string,
  url: string,
  body: Buffer,
  headers: Record<string, string> = {},
): Promise<number> {
  const sent = request(url, { method, ca, headers: { 'content-length': body.length, ...headers } });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}
