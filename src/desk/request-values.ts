// Values in control requests: addresses, networks, durations and reasons, or what is wrong with them.

import type { Blocks } from '../blocks/blocks.ts';
import type { ManualAction } from '../blocks/table/block.ts';
import type { Terms } from '../blocks/terms.ts';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../cli/reference/query-commands.ts';
import { clientKey, networkText } from '../values/address.ts';
import { DAY } from '../values/duration.ts';
import { overlaps, type ParsedNetwork, parseNetwork } from '../values/network.ts';
import { pastedAddress } from '../values/pasted-address.ts';
import { type Needle, needleOf, TEXT_LENGTHS } from './find/needle.ts';
import { type ControlRequest, DeskError } from './protocol.ts';

const MAX_REASON = 200;
const MAX_DURATION = 366 * DAY;

/** The key that an address is counted under. @throws DeskError if it is not an address */
export function keyOf(ip: string, { ipv6Prefix, nat64 }: Terms): string {
  const key = clientKey(ip, ipv6Prefix, nat64);
  if (key === undefined)
    throw new DeskError('bad-ip', `${JSON.stringify(ip.slice(0, 60))} is not a valid IP address`);
  return key;
}

/** The address of the one client that a request is about. @throws DeskError where it is about none, or a network of many */
export function ipOf({ ip }: Pick<ControlRequest, 'ip'>, blocks: Blocks): string {
  if (ip === undefined) throw new DeskError('bad-request', 'no IP address given');
  if (wideNetworkOf(ip, blocks) !== undefined)
    throw new DeskError('bad-ip', `${pastedAddress(ip)} is a network of many clients, not an IP address`);
  const address = addressOf(ip);
  if (clientKey(address, 64, []) !== undefined) return address;
  throw new DeskError('bad-ip', `${JSON.stringify(ip.slice(0, 60))} is not a valid IP address`);
}

/** A blocked IPv6 network is copied from `list` with its prefix; its first address stands for it. */
export function addressOf(text: string): string {
  const ip = pastedAddress(text);
  return ip.includes(':') || ip.endsWith('/32') ? (ip.split('/', 1)[0] ?? ip) : ip;
}

/** The network that a text is, where more than one client may be in it. */
export function wideNetworkOf(text: string, { table, terms }: Blocks): ParsedNetwork | undefined {
  const network = parseNetwork(pastedAddress(text));
  if (network === undefined) return undefined;
  if (network.family === 4) return network.bits < 32 ? network : undefined;
  // A client may be blocked under the prefix of an earlier policy.
  const isClient = table.pinnedRecord(networkText(network.groups, network.bits)) !== undefined;
  return (network.bits < terms.ipv6Prefix || holdsIPv4Clients(network, terms)) && !isClient
    ? network
    : undefined;
}

/** Whether more than one IPv4 client of a translator is in it, each of which has a block of its own. */
function holdsIPv4Clients(network: ParsedNetwork & { family: 6 }, { nat64 }: Terms): boolean {
  return nat64.some(
    ({ groups, bits }) =>
      // RFC 6052 2.2: behind a shorter prefix octet 8 stands among those of the IPv4 address.
      network.bits < bits + (bits < 96 ? 40 : 32) && overlaps(network, { family: 6, groups, bits }),
  );
}

export function networkOf({ ip = '' }: ControlRequest): string {
  const network = pastedAddress(ip);
  if (parseNetwork(network) === undefined) {
    throw new DeskError('bad-ip', `${JSON.stringify(ip.slice(0, 60))} is not a valid address or network`);
  }
  return network.toLowerCase();
}

/** What find looks for. @throws DeskError where it is too short or too long */
export function needleIn(text = ''): Needle {
  const needle = needleOf(text);
  if (needle !== undefined) return needle;
  throw new DeskError(
    'bad-request',
    `expected an address, a network, or a text of ${TEXT_LENGTHS} characters`,
  );
}

export function limitOf({ limit = DEFAULT_LIMIT }: Pick<ControlRequest, 'limit'>): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new DeskError('bad-request', `expected a limit from 1 to ${MAX_LIMIT}`);
}

export function durationOf({ duration = 0 }: ControlRequest): number {
  if (duration > 0 && duration <= MAX_DURATION) return Math.ceil(duration);
  throw new DeskError('bad-request', 'expected a duration from 1s to 366d');
}

export function manualActionOf({ by = '', reason = '' }: ControlRequest): ManualAction {
  const why = reason.trim();
  if (why === '' || why.length > MAX_REASON) {
    throw new DeskError('bad-request', `expected a reason of at most ${MAX_REASON} characters`);
  }
  return { by: by.slice(0, 64) || 'unknown', why };
}
