/** Which proxy a request goes through: read from the environment at each request, as `curl` and most tools do. */

import { getProxyForUrl } from 'proxy-from-env';
import { decodeIfPossible } from '../util/decode-if-possible.js';
import { isLoopback } from './endpoint.js';
import { NetworkSetupError } from './network-setup.js';

export interface Proxy {
  /** Where it listens, without user and password: for connections, messages and logs. */
  readonly url: URL;
  /** Value of the header `Proxy-Authorization`; absent if no user is given. A secret. */
  readonly authorization?: string;
}

/**
 * The proxy for a request to `url`; undefined if the request goes to the server directly, as to this machine it always does.
 *
 * @throws NetworkSetupError if the environment names something that is not an http or https proxy
 */
export function proxyFor(url: URL): Proxy | undefined {
  if (isLoopback(url)) return undefined;
  const given = environmentProxy(url);
  return given === '' ? undefined : parseProxy(withScheme(given, url));
}

/** Whether the environment names a proxy for `url`, of whatever form. */
export function isProxied(url: URL): boolean {
  return !isLoopback(url) && environmentProxy(url) !== '';
}

/** Empty if there is none, or if `NO_PROXY` names the host, with or without the dot at the end of a full name. */
function environmentProxy(url: URL): string {
  const [withoutDot, withDot] = ['', '.'].map((end) => {
    const other = new URL(url);
    other.hostname = url.hostname.replace(/\.?$/, end);
    return getProxyForUrl(other.href);
  });
  return withoutDot && withDot ? withoutDot : '';
}

/** How messages name the proxy for `url`: without its user and password. Undefined if there is none that can be used. */
export function proxyNameFor(url: URL): string | undefined {
  try {
    return proxyFor(url)?.url.origin;
  } catch {
    return undefined;
  }
}

/**
 * `proxy.corp:3128`, without a scheme, is an http proxy, as in `curl`. The library gives it the scheme of the request, which
 * would mean TLS to a proxy that in nearly all cases does not speak it.
 */
function withScheme(given: string, { protocol }: URL): string {
  const asWritten = Object.entries(process.env).some(
    ([name, value]) => /^(https?|all)_proxy$/i.test(name) && value === given,
  );
  return asWritten ? given : given.replace(`${protocol}//`, 'http://');
}

const WANTED = 'expected http://host:port (HTTPS_PROXY, HTTP_PROXY or ALL_PROXY; NO_PROXY makes exceptions)';

function parseProxy(given: string): Proxy {
  // Neither message shows the value, which may hold a password.
  if (!URL.canParse(given))
    throw new NetworkSetupError(`the proxy in the environment is not a URL: ${WANTED}`);
  const url = new URL(given);
  const { username, password } = url;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new NetworkSetupError(
      `the proxy in the environment is one for ${url.protocol}//, which is not supported: ${WANTED}`,
    );
  }
  const authorization =
    username === '' && password === ''
      ? undefined
      : basic(decodeIfPossible(username), decodeIfPossible(password));
  return { url: new URL(url.origin), ...(authorization !== undefined && { authorization }) };
}

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
