/** Pages of any origin may call the emulator from a browser, as they may call the provider: it has no data but that of tests. */

import type { IncomingMessage, ServerResponse } from 'node:http';

/** Response headers that a page may read. */
const EXPOSED = [
  'X-Goog-Upload-Status',
  'X-Goog-Upload-URL',
  'X-Goog-Upload-Control-URL',
  'X-Goog-Upload-Chunk-Granularity',
  'X-Goog-Upload-Size-Received',
  'X-GUploader-UploadID',
].join(', ');

/** For each answer to a request of a page. */
export function corsHeaders({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  if (headers.origin === undefined) return {};
  return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': EXPOSED };
}

/** Whether a browser asks before the real request; that is not recorded, and meets no fault. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(204, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': String(request.headers['access-control-request-headers'] ?? '*'),
    'Access-Control-Max-Age': '3600',
  });
  response.end();
}
