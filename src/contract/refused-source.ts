/** A source that may be refused, without what may be a secret. */

import { showSource, sourceAddress } from './source.js';

/** A key that is the rest of a URL with a user or a password, such as `mysql://user:password@host/` is. */
const USER_IN_KEY = /\/\/[^/]*@/;

/** As `showSource`; of one that is or may be refused, without its query, its user name and its password, wherever a URL has them. */
export function showAnySource(source: string): string {
  const shown = showSource(source);
  const accepted = sourceAddress.mismatch(source) === undefined;
  if (accepted && (shown.startsWith('https:') || !USER_IN_KEY.test(shown))) return shown;
  const url = URL.canParse(source) ? new URL(source) : undefined;
  // Without a host, or if the path has an `@`, the password can be anywhere: `blob:https://user:password@host/`.
  if (!url?.host || url.pathname.includes('@'))
    return `${url?.protocol ?? /^[a-z][a-z0-9+.-]{0,31}:/i.exec(source)?.[0] ?? ''}…`;
  return `${url.protocol}//${url.host}${url.pathname}`;
}
