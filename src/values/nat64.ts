// IPv4 addresses inside IPv6 ones, as NAT64 and SIIT translators write those of IPv4 clients (RFC 6052).

/** A prefix under which IPv6 addresses hold IPv4 ones. */
export interface Nat64Prefix {
  readonly groups: readonly number[];
  readonly bits: number;
}

/** 64:ff9b::/96, RFC 6052 2.1 */
export const WELL_KNOWN_PREFIX: Nat64Prefix = { groups: [0x64, 0xff9b, 0, 0, 0, 0, 0, 0], bits: 96 };

/** The prefixes of a policy that names none, and of code that does not know the policy. */
export const USUAL_PREFIXES: readonly Nat64Prefix[] = [WELL_KNOWN_PREFIX];

/** RFC 6052 2.2 */
export const NAT64_LENGTHS: readonly number[] = [32, 40, 48, 56, 64, 96];

/** This octet is zero in all forms (RFC 6052 2.2); the IPv4 address continues after it. */
const ZERO_OCTET = 8;

/** The IPv4 address inside an IPv6 address; undefined if no prefix matches, or if no client can have the address. */
export function embeddedIPv4(
  groups: readonly number[],
  prefixes: readonly Nat64Prefix[],
): number | undefined {
  for (const { groups: prefix, bits } of prefixes) {
    if (prefix[0] !== groups[0] || !hasPrefix(groups, prefix, bits)) continue;
    if (octet(groups, ZERO_OCTET) !== 0) return undefined;
    let value = 0;
    for (let i = bits / 8, left = 4; left > 0; i++) {
      if (i === ZERO_OCTET) continue;
      value = value * 256 + octet(groups, i);
      left--;
    }
    return isOfClient(value) ? value : undefined;
  }
  return undefined;
}

function hasPrefix(groups: readonly number[], prefix: readonly number[], bits: number): boolean {
  for (let i = 0; i < bits / 8; i++) if (octet(groups, i) !== octet(prefix, i)) return false;
  return true;
}

/** No client of a translator has an address in 0.0.0.0/8, 127.0.0.0/8 or 224.0.0.0/3 (RFC 6890). */
function isOfClient(value: number): boolean {
  const first = value >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}

function octet(groups: readonly number[], i: number): number {
  const group = groups[i >> 1] ?? 0;
  return i % 2 === 0 ? group >>> 8 : group & 0xff;
}
