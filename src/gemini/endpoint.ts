/** The addresses of requests. The key is sent to the configured origin only. */

import { invalidOption } from '../contract/invalid-option.js';

/** The provider's own base URL. */
export const DEFAULT_BASE_URL = 'https://generativelanguage.googleapis.com';

/** The version that the Files API documents (provider fact F-START-VERSION). */
export const API_VERSION = 'v1beta';

/** A name with a dot at its end is the same name, without the search list of the resolver. */
const LOOPBACK = /^(localhost\.?|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Whether `url` is on this machine, whatever a name server says.
 *
 * @param url - an address
 */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname);
}

/**
 * Reads the base URL of the API, and checks that a key may be sent there.
 *
 * @param baseUrl - without `/v1beta`
 * @param allowInsecure - whether plain HTTP to another machine is allowed
 * @throws InvalidOptionsError if `baseUrl` is not a URL, or is plain http to another machine
 */
export function parseBaseUrl(baseUrl: string = DEFAULT_BASE_URL, allowInsecure = false): URL {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    throw invalidOption(
      'baseUrl',
      `expected an absolute URL, got ${JSON.stringify(withoutUser(String(baseUrl)))}`,
    );
  }
  if (url.username || url.password || url.search || url.hash) {
    throw invalidOption('baseUrl', 'expected no user, password, query or fragment in it');
  }
  assertSecure(url, allowInsecure);
  return url;
}

/** @throws InvalidOptionsError unless the URL is https, or plain http to this machine, or plain http is allowed */
export function assertSecure(url: URL, allowInsecure: boolean): void {
  if (url.protocol === 'https:') return;
  if (url.protocol === 'http:' && (allowInsecure || isLoopback(url))) return;
  throw invalidOption(
    'baseUrl',
    `expected https (plain http only to this machine, or with allowInsecureBaseUrl), got ${url.origin}`,
  );
}

/** A password must not get into a message, also if the rest is not a URL. */
const withoutUser = (url: string) => url.replace(/\/\/.*@/, '//…@');

/** `path` below the base URL, whose own path prefix is kept. */
export function joinBaseUrl(baseUrl: URL, path: string): URL {
  const url = new URL(baseUrl);
  url.pathname = `${prefixOf(baseUrl)}${path}`;
  return url;
}

const prefixOf = (baseUrl: URL) => baseUrl.pathname.replace(/\/+$/, '');

/**
 * The upload URL that the server named, pinned to the base URL's origin and prefix: wherever it points, nothing goes
 * to another host. A key that it echoes is dropped; the header carries it. Provider facts F-START-URL and F-NETWORK-BASE-URL.
 *
 * @returns undefined if it is not an http URL
 */
export function rebaseUploadUrl(baseUrl: URL, sessionUrl: string): URL | undefined {
  if (sessionUrl.trim() === '' || !URL.canParse(sessionUrl, baseUrl.href)) return undefined;
  const named = new URL(sessionUrl, baseUrl.href);
  if (named.protocol !== 'https:' && named.protocol !== 'http:') return undefined;
  const prefix = prefixOf(baseUrl);
  const path =
    prefix && named.pathname.startsWith(`${prefix}/`) ? named.pathname.slice(prefix.length) : named.pathname;
  const url = joinBaseUrl(baseUrl, path);
  // By hand: `searchParams` would write what the server chose in another way.
  url.search = named.search
    .slice(1)
    .split('&')
    .filter((pair) => !new URLSearchParams(pair).has('key'))
    .join('&');
  return url;
}
