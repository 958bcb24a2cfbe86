/** Which addresses a connection to a source may use. */

import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { SourceNotAllowedError } from '../contract/errors.js';

/** Whether an address is in a network. */
export type Network = (address: string) => boolean;

/** The only part of IPv6 from which public addresses are given out. */
const GLOBAL_UNICAST = networkOf(ipaddr.IPv6.parse('2000::'), 3);

/** Azure's host, which answers every virtual machine there at this address. It is public by its form only. */
const AZURE_HOST = '168.63.129.16';

/** The network of a CIDR such as `10.1.0.0/16`; undefined if it is none. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(length) || address.includes('%')) return undefined;
  // The library also takes octal and hexadecimal parts, which different programs read as different addresses.
  const known = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address);
  if (!known) return undefined;
  const first = ipaddr.parse(address);
  return Number(length) <= (first.kind() === 'ipv4' ? 32 : 128)
    ? networkOf(first, Number(length))
    : undefined;
}

function networkOf(first: ipaddr.IPv4 | ipaddr.IPv6, length: number): Network {
  return (text) => {
    const address = ipaddr.parse(text);
    return address.kind() === first.kind() && address.match(first, length);
  };
}

/** Whether a connection may go to `address`: it is public, or in one of `networks`. */
export function isAllowedAddress(address: string, networks: readonly Network[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  return isPublic(address) || networks.some((contains) => contains(address));
}

function isPublic(address: string): boolean {
  const parsed = ipaddr.parse(address);
  if (parsed.toString() === AZURE_HOST) return false;
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || GLOBAL_UNICAST(address));
}

type ResolveAll = (
  host: string,
  options: { all: true; verbatim: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * The name lookup of a connection. It gives the connection only addresses that `isAllowed` accepts, so that an address cannot change
 * between check and use. Node does not call it for a host that is an address already.
 */
export function checkedLookup(
  isAllowed: (address: string) => boolean,
  resolve: ResolveAll = systemLookup,
): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { all: true, verbatim: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = found.filter(({ address }) => isAllowed(address));
      const [first] = addresses;
      if (!first) return callback(addressNotAllowed(host), []);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** The message does not contain the address: it would show outsiders how names resolve in the worker's network. */
export function addressNotAllowed(host: string): SourceNotAllowedError {
  return new SourceNotAllowedError(
    `The address of ${host} is not public. To permit it, add it to sources.https.allowedAddresses of the worker`,
  );
}
