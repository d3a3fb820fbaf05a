// IPv6 networks that hold addresses of IPv4 clients: a block of the one client that is counted there is not one of these.

import { clientKey, networkText } from '../values/address.ts';
import type { Nat64Prefix } from '../values/nat64.ts';

/** ::/96 and ::ffff:0:0/96 (RFC 4291 2.5.5): HAProxy matches IPv4 clients of an IPv6 listener by these too. */
const MAPPED = '::';

/**
 * The keys of clients, with prefixes of these bits, whose networks hold such addresses. postblock counts what a translator
 * sends by the IPv4 address inside, but a packet filter would match all IPv4 clients of the translator by the network.
 */
export function ipv4Holders(bits: number, nat64: readonly Nat64Prefix[]): readonly string[] {
  const addresses = [MAPPED, ...nat64.map(({ groups }) => networkText(groups, 128))];
  return addresses.map((address) => clientKey(address, bits, []) ?? '');
}
