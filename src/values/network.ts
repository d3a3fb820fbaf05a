// Networks in CIDR form, and which client keys lie in one.

import { mappedIPv4, networkText, parseIPv4, parseIPv6 } from './address.ts';

export type ParsedNetwork =
  | { readonly family: 4; readonly address: number; readonly bits: number }
  | { readonly family: 6; readonly groups: readonly number[]; readonly bits: number };

/** An address or a network in CIDR form; undefined where it is neither, or has bits set behind its prefix. */
export function parseNetwork(text: string): ParsedNetwork | undefined {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const given = slash < 0 ? undefined : text.slice(slash + 1);
  if (given !== undefined && !/^\d{1,3}$/.test(given)) return undefined;
  const address = parseIPv4(host);
  if (address >= 0) {
    const bits = Number(given ?? 32);
    return bits <= 32 && (address & ~mask32(bits)) === 0 ? { family: 4, address, bits } : undefined;
  }
  const groups = parseIPv6(host);
  const bits = Number(given ?? 128);
  if (groups === undefined || bits > 128 || host.includes('%')) return undefined;
  if (networkText(groups, bits).split('/')[0] !== networkText(groups, 128)) return undefined;
  const mapped = mappedIPv4(groups);
  if (mapped !== undefined && bits >= 96) return { family: 4, address: mapped, bits: bits - 96 };
  return { family: 6, groups, bits };
}

/** Whether every address under a client key, or in a network, lies in this network. */
export function isWithin(key: string, network: ParsedNetwork): boolean {
  const [host = '', bits] = key.split('/');
  if (network.family === 4) {
    const address = parseIPv4(host);
    const mask = mask32(network.bits);
    return (
      address >= 0 && Number(bits ?? 32) >= network.bits && (address & mask) === (network.address & mask)
    );
  }
  const groups = parseIPv6(host);
  if (groups === undefined || Number(bits ?? 128) < network.bits) return false;
  const mask = (i: number) => (0xffff << Math.max(0, Math.min(16, (i + 1) * 16 - network.bits))) & 0xffff;
  return groups.every((group, i) => (group & mask(i)) === ((network.groups[i] ?? 0) & mask(i)));
}

/** Whether two networks have an address in common. */
export function overlaps(one: ParsedNetwork, other: ParsedNetwork): boolean {
  if (one.family === 4 || other.family === 4) {
    if (one.family === 6 || other.family === 6) return false;
    return ((one.address ^ other.address) & mask32(Math.min(one.bits, other.bits))) === 0;
  }
  const bits = Math.min(one.bits, other.bits);
  return networkText(one.groups, bits) === networkText(other.groups, bits);
}

/** The bits of an IPv4 network's prefix, as a signed integer. */
export function mask32(bits: number): number {
  return bits === 0 ? 0 : (-1 << (32 - bits)) | 0;
}
