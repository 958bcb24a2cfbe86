/** The only place that decides which addresses the connections of a source may use. */

import { isAllowedAddress } from './addresses.js';
import type { SourcesConfig } from './config.js';
import { Connections } from './http-get.js';
import { SOURCE_LIMITS } from './limits.js';

/**
 * Connections to public addresses, and to the networks that the operator permits.
 *
 * @param server - the address of the server, if it is the operator's choice, and no redirect is followed: then it may be any
 */
export function connectionsFor(
  { https, ca, limits = SOURCE_LIMITS }: SourcesConfig,
  server?: URL,
): Connections {
  const networks = https?.allowedAddresses ?? [];
  return new Connections({
    isAllowedAddress: (address) => server !== undefined || isAllowedAddress(address, networks),
    limits,
    ca,
  });
}
