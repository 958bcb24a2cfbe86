/** What requests to sources name as their client: some hosts refuse a request that names none. */

import { readFileSync } from 'node:fs';

let known: string | undefined;

/** The `User-Agent` of a request whose source sets no other one. */
export function userAgent(): string {
  return (known ??= `temporal-gemini-files${version()}`);
}

function version(): string {
  try {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    return `/${(JSON.parse(manifest) as { version: string }).version}`;
  } catch {
    // A worker that was bundled into one file has no manifest beside it.
    return '';
  }
}
