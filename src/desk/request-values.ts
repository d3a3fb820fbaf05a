// Values in control requests: addresses, networks, durations and reasons, or what is wrong with them.

import type { ManualAction } from '../blocks/table/block.ts';
import type { Terms } from '../blocks/terms.ts';
import { clientKey } from '../values/address.ts';
import { DAY } from '../values/duration.ts';
import { parseNetwork } from '../values/network.ts';
import { pastedAddress } from '../values/pasted-address.ts';
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

export function ipOf({ ip }: ControlRequest): string {
  if (ip === undefined) throw new DeskError('bad-request', 'no IP address given');
  const address = addressOf(ip);
  if (clientKey(address, 64, []) === undefined) {
    throw new DeskError('bad-ip', `${JSON.stringify(ip.slice(0, 60))} is not a valid IP address`);
  }
  return address;
}

/** A blocked IPv6 network is copied from `list` with its prefix; its first address stands for it. */
export function addressOf(text: string): string {
  const ip = pastedAddress(text);
  return ip.includes(':') ? (ip.split('/', 1)[0] ?? ip) : ip;
}

export function networkOf({ ip = '' }: ControlRequest): string {
  const network = pastedAddress(ip);
  if (parseNetwork(network) === undefined) {
    throw new DeskError('bad-ip', `${JSON.stringify(ip.slice(0, 60))} is not a valid address or network`);
  }
  return network.toLowerCase();
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
