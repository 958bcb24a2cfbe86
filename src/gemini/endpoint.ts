/** Where requests go. The key is sent to the configured origin alone. */

import { InvalidOptionsError } from '../contract/errors.js';

export const DEFAULT_BASE_URL = 'https://generativelanguage.googleapis.com';

/** The version that the Files API documents (provider fact F-START-VERSION). */
export const API_VERSION = 'v1beta';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether `url` is on this machine, whatever a name server says. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname);
}

/**
 * @throws InvalidOptionsError where `baseUrl` is no URL, or plain http to anything but this machine
 */
export function parseBaseUrl(baseUrl: string = DEFAULT_BASE_URL, allowInsecure = false): URL {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    throw new InvalidOptionsError(
      `Invalid option baseUrl: expected an absolute URL, got ${JSON.stringify(withoutUser(baseUrl))}`,
    );
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new InvalidOptionsError(
      'Invalid option baseUrl: expected no user, password, query or fragment in it',
    );
  }
  assertSecure(url, allowInsecure);
  return url;
}

/** @throws InvalidOptionsError for anything but https, and plain http to this machine or where it is allowed */
export function assertSecure(url: URL, allowInsecure: boolean): void {
  if (url.protocol === 'https:') return;
  if (url.protocol === 'http:' && (allowInsecure || isLoopback(url))) return;
  throw new InvalidOptionsError(
    `Invalid option baseUrl: expected https (plain http only to this machine, or with allowInsecureBaseUrl), got ${url.origin}`,
  );
}

/** A password must not get into a message, not even where the rest is no URL. */
const withoutUser = (url: string) => url.replace(/\/\/.*@/, '//…@');

/** `path` below the base URL, whose own path prefix is kept. */
export function below(baseUrl: URL, path: string): URL {
  const url = new URL(baseUrl);
  url.pathname = `${prefixOf(baseUrl)}${path}`;
  return url;
}

const prefixOf = (baseUrl: URL) => baseUrl.pathname.replace(/\/+$/, '');

/**
 * The upload URL that the server named, pinned to the base URL's origin and prefix: wherever it points, nothing goes
 * to another host. A key that it echoes is dropped; the header carries it. Provider facts F-START-URL and F-NETWORK-BASE-URL.
 *
 * @returns undefined where it is no http URL
 */
export function pinSessionUrl(baseUrl: URL, sessionUrl: string): URL | undefined {
  if (sessionUrl.trim() === '' || !URL.canParse(sessionUrl, baseUrl.href)) return undefined;
  const named = new URL(sessionUrl, baseUrl.href);
  if (named.protocol !== 'https:' && named.protocol !== 'http:') return undefined;
  const prefix = prefixOf(baseUrl);
  const path =
    prefix && named.pathname.startsWith(`${prefix}/`) ? named.pathname.slice(prefix.length) : named.pathname;
  const url = below(baseUrl, path);
  // By hand: `searchParams` would write what the server chose in another way.
  url.search = named.search
    .slice(1)
    .split('&')
    .filter((pair) => !new URLSearchParams(pair).has('key'))
    .join('&');
  return url;
}
