// The IP address of an SMTP client: text to number and to the key under which the client is counted.

import { embeddedIPv4, type Nat64Prefix } from './nat64.ts';

/** Length of the longest address: `ffff:…:255.255.255.255` is 45 characters, a zone index may follow. */
const MAX_LENGTH = 64;
const DOT = 46;
const COLON = 58;

/**
 * The key under which a client is counted and blocked: an IPv4 address, or an IPv6 network such as
 * `2001:db8:1:2::/64` (the bare address for a prefix of 128). IPv4-mapped addresses (RFC 4291 2.5.5.2) and those of a
 * translator count as IPv4.
 *
 * @param text an address as Postfix prints it (inet_ntop); a zone index (`%eth0`) is ignored
 * @param ipv6Prefix bits of an IPv6 address that make one client, 1 to 128
 * @param nat64 the prefixes of translators
 * @returns undefined where the text is not an address, as in `unknown[unknown]`
 */
export function clientKey(
  text: string,
  ipv6Prefix: number,
  nat64: readonly Nat64Prefix[],
): string | undefined {
  if (parseIPv4(text) >= 0) return text;
  const groups = parseIPv6(text);
  if (groups === undefined) return undefined;
  const inner = mappedIPv4(groups) ?? embeddedIPv4(groups, nat64);
  return inner === undefined ? networkText(groups, ipv6Prefix) : ipv4Text(inner);
}

/** Whether a text is a key that clientKey returns for some prefix. */
export function isClientKey(text: string): boolean {
  if (parseIPv4(text) >= 0) return true;
  const [host = '', bits = '128', ...more] = text.split('/', 3);
  const prefix = Number(bits);
  const isPrefix = Number.isInteger(prefix) && prefix >= 1 && prefix <= 128;
  // A key of a policy without the prefix of its translator is also a key.
  return isPrefix && more.length === 0 && clientKey(host, prefix, []) === text;
}

/** The text parsed last: for one event or request, the allow list, blocks and counts parse the same address in turn. */
let lastText = '';
let lastValue = -1;

/** The 32-bit value of a dotted quad, or -1. Leading zeros are refused, as inet_pton does. */
export function parseIPv4(text: string): number {
  if (text !== lastText) {
    lastValue = quadValue(text);
    lastText = text;
  }
  return lastValue;
}

function quadValue(text: string): number {
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

/** The same of bytes from `start` up to `end`. */
export function parseIPv4At(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const code = bytes[i] ?? 0;
    if (code === DOT) {
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
  if (text.length > MAX_LENGTH) return undefined;
  const zone = text.indexOf('%');
  const end = zone < 0 ? text.length : zone;
  const groups: number[] = [];
  let gap = text.startsWith('::') ? 0 : -1;
  let place = gap < 0 ? 0 : 2;
  while (place < end) {
    const start = place;
    let group = 0;
    for (let digit = hexDigit(text, place); digit >= 0; digit = hexDigit(text, ++place))
      group = group * 16 + digit;
    if (text.charCodeAt(place) === DOT) {
      // An IPv4 address may stand for the last two groups.
      const tail = parseIPv4(text.slice(start, end));
      return tail < 0 ? undefined : withGap([...groups, Math.floor(tail / 65536), tail % 65536], gap);
    }
    if (place === start || place - start > 4) return undefined;
    groups.push(group);
    if (place === end) break;
    if (text.charCodeAt(place++) !== COLON || place === end) return undefined;
    if (text.charCodeAt(place) === COLON) {
      if (gap >= 0) return undefined;
      gap = groups.length;
      place++;
    }
  }
  return withGap(groups, gap);
}

/** @param gap number of groups before `::`; -1 without one */
function withGap(groups: readonly number[], gap: number): number[] | undefined {
  const missing = 8 - groups.length;
  if (gap < 0 ? missing !== 0 : missing < 1) return undefined;
  const all = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < groups.length; i++) all[gap < 0 || i < gap ? i : i + missing] = groups[i] ?? 0;
  return all;
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
  const masked = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 8; i++) masked[i] = (groups[i] ?? 0) & mask16(bits - i * 16);
  return bits === 128 ? ipv6Text(masked) : `${ipv6Text(masked)}/${bits}`;
}

function mask16(bits: number): number {
  if (bits >= 16) return 0xffff;
  return bits <= 0 ? 0 : (0xffff << (16 - bits)) & 0xffff;
}

function ipv6Text(groups: readonly number[]): string {
  const { start, length } = longestZeros(groups);
  if (length < 2) return hexText(groups, 0, 8);
  return `${hexText(groups, 0, start)}::${hexText(groups, start + length, 8)}`;
}

function hexText(groups: readonly number[], from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += i === from ? hex(groups[i] ?? 0) : `:${hex(groups[i] ?? 0)}`;
  return text;
}

/** Bytes in hexadecimal, `0` to `ff`: toString(16) is slow in V8, which uses its code for fractions. */
const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16));

function hex(group: number): string {
  const low = group & 0xff;
  if (group === low) return BYTES[low] ?? '';
  return `${BYTES[group >> 8]}${low < 16 ? '0' : ''}${BYTES[low]}`;
}

/** The first of the longest runs of zero groups, which RFC 5952 4.2.3 shortens. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let start = 0;
  let longest = 0;
  let length = 0;
  for (let i = 0; i < 8; i++) {
    length = groups[i] === 0 ? length + 1 : 0;
    if (length <= longest) continue;
    longest = length;
    start = i - length + 1;
  }
  return { start, length: longest };
}

/** The value of the hexadecimal digit at an index; -1 if there is none. */
function hexDigit(text: string, place: number): number {
  const code = text.charCodeAt(place);
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
