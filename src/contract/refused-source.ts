/** A source that may be refused, without what may be a secret. */

import { showSource, sourceAddress } from './source.js';

/** As `showSource`; of one that is refused, without its query, its user name and its password, wherever a URL has them. */
export function showAnySource(source: string): string {
  if (sourceAddress.mismatch(source) === undefined) return showSource(source);
  try {
    const { protocol, host, pathname } = new URL(source);
    return `${protocol}${host && '//'}${host}${pathname}`;
  } catch {
    // No URL: the password can be anywhere.
    return `${/^[a-z][a-z0-9+.-]{0,31}:/i.exec(source)?.[0] ?? ''}…`;
  }
}
