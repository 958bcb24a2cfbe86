/** Whether a server is there, for `doctor`. */

import type { HttpsSource, SourcesConfig } from './config.js';
import { connectionsFor } from './connect.js';

/**
 * Requests `/` of a permitted origin as a worker would.
 *
 * @returns the HTTP status: whatever it is, the server has answered
 * @throws SourceNotAllowedError for an address that is not permitted, and behind a proxy
 * @throws ConnectionBreak if no answer came
 */
export async function askOrigin(
  origin: string,
  config: SourcesConfig & { readonly https: HttpsSource },
  signal: AbortSignal,
): Promise<number> {
  const connections = connectionsFor(config);
  try {
    const { status, drop } = await connections.get(
      new URL(origin),
      { ...config.https.headers, range: 'bytes=0-0' },
      signal,
    );
    drop();
    return status;
  } finally {
    connections.close();
  }
}
