/** A source that may be refused, without what may be a secret. */

import { decodeAscii } from '../util/decode-ascii.js';
import { showSource, sourceAddress } from './source.js';

/** As `showSource`; of one that is or may be refused, without its query, its user name and its password, wherever a URL has them. */
export function showAnySource(source: string): string {
  const shown = showSource(source);
  const accepted = sourceAddress.mismatch(source) === undefined;
  if (accepted && (shown.startsWith('https:') || !hasUser(shown))) return shown;
  const url = URL.canParse(source) ? new URL(source) : undefined;
  // Without a host, or if the path has an `@`, the password can be anywhere: `blob:https://user:password@host/`.
  // A path with a `?` or a `#`, encoded, can have a signed URL.
  if (!url?.host || /[@?#]/.test(decodeAscii(url.pathname)))
    return `${url?.protocol ?? /^[a-z][a-z0-9+.-]{0,31}:/i.exec(source)?.[0] ?? ''}…`;
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/**
 * Whether a name and a key are, or contain, a URL with a user: `redis:user:password@host/0`, `redis://token@host/`,
 * `db:mysql://user:password@host/`. A password can have any character, but a key such as `folder//me@home.mp4` has no `:` there.
 */
function hasUser(source: string): boolean {
  const key = source.slice(source.indexOf(':') + 1);
  if (/^[^/@:]*:[^/@]*@/.test(key) || /:\/\/[^/]*@/.test(source)) return true;
  const slashes = source.indexOf('//');
  const colon = slashes < 0 ? -1 : source.indexOf(':', slashes);
  return colon >= 0 && source.includes('@', colon);
}
