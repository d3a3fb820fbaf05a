// The IP address of an SMTP client: text to number and to the key under which the client is counted.

/** Longest text that can be an address: `ffff:…:255.255.255.255` is 45 characters, a zone index may follow. */
const MAX_LENGTH = 64;

/**
 * The key under which a client is counted and blocked: an IPv4 address, or an IPv6 network such as
 * `2001:db8:1:2::/64` (the bare address for a prefix of 128). IPv4-mapped addresses are IPv4 (RFC 4291 2.5.5.2).
 *
 * @param text an address as Postfix prints it (inet_ntop); a zone index (`%eth0`) is ignored
 * @param ipv6Prefix bits of an IPv6 address that make one client, 1 to 128
 * @returns undefined where the text is not an address, as in `unknown[unknown]`
 */
export function clientKey(text: string, ipv6Prefix: number): string | undefined {
  if (parseIPv4(text) >= 0) return text;
  const groups = parseIPv6(text);
  if (groups === undefined) return undefined;
  const mapped = mappedIPv4(groups);
  return mapped === undefined ? networkText(groups, ipv6Prefix) : ipv4Text(mapped);
}

/** Whether a text is a key as clientKey gives it, of whatever prefix. */
export function isClientKey(text: string): boolean {
  if (parseIPv4(text) >= 0) return true;
  const [host = '', bits = '128', ...more] = text.split('/', 3);
  const prefix = Number(bits);
  const isPrefix = Number.isInteger(prefix) && prefix >= 1 && prefix <= 128;
  return isPrefix && more.length === 0 && clientKey(host, prefix) === text;
}

/** The 32-bit value of a dotted quad, or -1. Leading zeros are refused, as inet_pton does. */
export function parseIPv4(text: string): number {
  const length = text.length;
  if (length < 7 || length > 15) return -1;
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (octet < 0 || ++dots > 3) return -1;
      value = value * 256 + octet;
      octet = -1;
    } else {
      if (code < 48 || code > 57 || octet === 0) return -1;
      octet = octet < 0 ? code - 48 : octet * 10 + code - 48;
      if (octet > 255) return -1;
    }
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : -1;
}

/** The eight 16-bit groups of an IPv6 address in any form of RFC 4291 2.2, or undefined. */
export function parseIPv6(text: string): number[] | undefined {
  if (text.length < 2 || text.length > MAX_LENGTH) return undefined;
  const zone = text.indexOf('%');
  const address = zone < 0 ? text : text.slice(0, zone);
  const gap = address.indexOf('::');
  if (gap < 0) {
    const groups = parseGroups(address);
    return groups?.length === 8 ? groups : undefined;
  }
  const head = gap === 0 ? [] : parseGroups(address.slice(0, gap));
  const rest = address.slice(gap + 2);
  const tail = rest === '' ? [] : parseGroups(rest);
  // An IPv4 tail may only end the address, so it cannot stand in front of the gap.
  if (head === undefined || tail === undefined || address.slice(0, gap).includes('.')) return undefined;
  const zeros = 8 - head.length - tail.length;
  if (zeros < 1) return undefined;
  return [...head, ...new Array<number>(zeros).fill(0), ...tail];
}

/** The IPv4 address inside `::ffff:a.b.c.d`, or undefined. */
export function mappedIPv4(groups: readonly number[]): number | undefined {
  const [a, b, c, d, e, f, g = 0, h = 0] = groups;
  if (a !== 0 || b !== 0 || c !== 0 || d !== 0 || e !== 0 || f !== 0xffff) return undefined;
  return g * 65536 + h;
}

export function ipv4Text(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** The network of `bits` bits around an IPv6 address, in the canonical form of RFC 5952. */
export function networkText(groups: readonly number[], bits: number): string {
  const masked = groups.map((group, i) => group & mask16(bits - i * 16));
  return bits === 128 ? ipv6Text(masked) : `${ipv6Text(masked)}/${bits}`;
}

function mask16(bits: number): number {
  if (bits >= 16) return 0xffff;
  return bits <= 0 ? 0 : (0xffff << (16 - bits)) & 0xffff;
}

function ipv6Text(groups: readonly number[]): string {
  const { start, length } = longestZeros(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** The first longest run of zero groups: RFC 5952 4.2.3 shortens that one. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, i) => {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  });
  return best;
}

function parseGroups(text: string): number[] | undefined {
  const parts = text.split(':', 9);
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes('.')) {
      const value = parseIPv4(part);
      if (value < 0) return undefined;
      groups.push(Math.floor(value / 65536), value % 65536);
    } else {
      const group = parseGroup(part);
      if (group < 0) return undefined;
      groups.push(group);
    }
  }
  return groups.length > 8 ? undefined : groups;
}

function parseGroup(text: string): number {
  if (text.length < 1 || text.length > 4) return -1;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) | 0x20;
    const digit =
      code >= 0x61 && code <= 0x66 ? code - 0x57 : code >= 0x30 && code <= 0x39 ? code - 0x30 : -1;
    // `| 0x20` also lifts 0x10-0x19 to the digits; the text itself must be a digit there.
    if (digit < 0 || (digit < 10 && text.charCodeAt(i) < 0x30)) return -1;
    value = value * 16 + digit;
  }
  return value;
}
