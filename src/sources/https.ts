/** An `https://` URL of the input. */

import { SourceNotAllowedError } from '../contract/errors.js';
import { invalidOption } from '../contract/invalid-option.js';
import { decodeIfPossible } from '../util/decode-if-possible.js';
import { isAllowedAddress } from './addresses.js';
import type { HttpsSource, SourcesConfig } from './config.js';
import { Connections } from './http-get.js';
import { openHttpSource } from './http-source.js';
import { SOURCE_LIMITS, type SourceLimits } from './limits.js';
import { fileName } from './names.js';
import type { OpenContext } from './open-context.js';
import { isAllowedOrigin } from './origins.js';
import type { RangeSource } from './range-source.js';

/** @throws SourceNotAllowedError before anything is looked up if the worker does not permit the origin */
export async function openHttps(
  text: string,
  { https, ca, limits = SOURCE_LIMITS }: SourcesConfig,
  { signal, mimeType }: OpenContext,
): Promise<RangeSource> {
  const url = parseUrl(text);
  const label = `${url.origin}${url.pathname}`;
  if (!https || !isAllowedOrigin(url, https.allowedOrigins)) {
    throw new SourceNotAllowedError(
      `The worker does not permit files of ${url.origin}: it is not in sources.https.allowedOrigins`,
    );
  }
  const { headers, allowedOrigins, redirectOrigins = allowedOrigins } = https;
  const connections = connectionsOf(https, limits, ca);
  const route = {
    label,
    target: () => Promise.resolve({ url, headers }),
    mayRedirectTo: (next: URL) => isAllowedOrigin(next, redirectOrigins),
  };
  // A `/` in it that was encoded stays part of the name.
  const name = fileName(decodeIfPossible(url.pathname.split('/').at(-1) ?? '')) || url.hostname;
  return await openHttpSource(route, connections, limits, signal, () => ({ name, expected: mimeType }));
}

/** To the addresses that the worker permits for URLs of the input. */
export function connectionsOf(
  { allowedAddresses }: HttpsSource,
  limits: SourceLimits,
  ca: string | undefined,
): Connections {
  return new Connections({
    isAllowedAddress: (address) => isAllowedAddress(address, allowedAddresses),
    limits,
    ca,
  });
}

/** The message does not show the value: it may contain a password. */
function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && !url.username && !url.password && !url.hash) return url;
  throw invalidOption('source', 'expected an https URL without user, password and fragment');
}
