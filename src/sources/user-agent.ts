/** What requests to sources name as their client: some hosts refuse a request that names none. */

import { readFileSync } from 'node:fs';

let known: string | undefined;

/** The `User-Agent` of a request whose source sets no other one. */
export function userAgent(): string {
  return (known ??= `temporal-gemini-files${version()}`);
}

/**
 * The version with its slash, or an empty string if the manifest is that of another package: beside a bundle, it is the application's own.
 *
 * @param manifest - JSON
 */
export function versionIn(manifest: string): string {
  const { name, version } = JSON.parse(manifest) as Record<string, unknown>;
  const known = name === 'temporal-gemini-files' && typeof version === 'string' && /^[\w.+-]+$/.test(version);
  return known ? `/${version}` : '';
}

function version(): string {
  try {
    return versionIn(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  } catch {
    // A worker that was bundled into one file may have no manifest beside it.
    return '';
  }
}
