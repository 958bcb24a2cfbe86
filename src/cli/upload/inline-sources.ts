/** What the worker of one `upload` may read beside its file: the sources of the configuration, and the URL that the user named. */

import type { SourcesConfig } from '../../sources/index.js';

/** @param source - the argument, if it is not a path */
export function inlineSources(source: string | undefined, configured: SourcesConfig): SourcesConfig {
  if (source === undefined || !URL.canParse(source)) return configured;
  const named = new URL(source);
  if (named.protocol !== 'https:') return configured;
  const { https } = configured;
  const isConfigured = https?.allowedOrigins.some(({ permits }) => permits(named)) ?? false;
  return {
    ...configured,
    https: {
      allowedOrigins: [{ permits: (url) => url.href === named.href }],
      // Those of the user's own choice: a link to a file often leads to a store of another name.
      redirectOrigins: [{ permits: () => true }],
      allowedAddresses: https?.allowedAddresses ?? [],
      // They are meant for the origins of the configuration.
      headers: isConfigured ? (https?.headers ?? {}) : {},
    },
  };
}
