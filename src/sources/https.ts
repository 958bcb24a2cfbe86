/** An `https://` URL of the input. */

import { SourceNotAllowedError } from '../contract/errors.js';
import { invalidOption } from '../contract/invalid-option.js';
import { decodeIfPossible } from '../util/decode-if-possible.js';
import type { SourcesConfig } from './config.js';
import { connectionsFor } from './connect.js';
import { openHttpSource } from './http-source.js';
import { SOURCE_LIMITS } from './limits.js';
import { fileName } from './names.js';
import type { OpenContext } from './open-context.js';
import { isAllowedOrigin } from './origins.js';
import type { RangeSource } from './range-source.js';

/** @throws SourceNotAllowedError before anything is looked up if the worker does not permit the origin */
export async function openHttps(
  text: string,
  config: SourcesConfig,
  { signal, mimeType }: OpenContext,
): Promise<RangeSource> {
  const { https, limits = SOURCE_LIMITS } = config;
  const url = parseUrl(text);
  const label = `${url.origin}${url.pathname}`;
  if (!https || !isAllowedOrigin(url, https.allowedOrigins)) {
    throw new SourceNotAllowedError(
      `The worker does not permit files of ${url.origin}: it is not in sources.https.allowedOrigins`,
    );
  }
  const { headers, allowedOrigins, redirectOrigins = allowedOrigins } = https;
  const route = {
    label,
    target: () => Promise.resolve({ url, headers }),
    mayRedirectTo: (next: URL) => isAllowedOrigin(next, redirectOrigins),
  };
  // A `/` in it that was encoded stays part of the name. A host's name has no ending that says a type.
  const name =
    fileName(decodeIfPossible(url.pathname.split('/').at(-1) ?? '')) || url.hostname.replaceAll('.', '-');
  return await openHttpSource(route, connectionsFor(config), limits, signal, () => ({
    name,
    expected: mimeType,
  }));
}

/** The message does not show the value: it may contain a password. */
function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && !url.username && !url.password && !url.hash) return url;
  throw invalidOption('source', 'expected an https URL without user, password and fragment');
}
