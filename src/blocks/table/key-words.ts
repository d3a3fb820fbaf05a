// A client key as numbers, to be kept in arrays and found by hash: four words of an address and the bits of its network.

import {
  ipv4Text,
  isClientKey,
  networkText,
  parseIPv4,
  parseIPv4At,
  parseIPv6,
} from '../../values/address.ts';

/** Elements of a Uint32Array that a key takes: four words, then the bits of the network. */
export const KEY_LENGTH = 5;

/** IPv4 stands in its mapped form (RFC 4291 2.5.5.2), which no key of an IPv6 client has. */
const MAPPED = 0xffff;
const ALL_BITS = 128;

/** Random, so that an attacker cannot choose addresses that collide. */
const SEED = Math.floor(Math.random() * 2 ** 32);

/**
 * @param text a key as clientKey gives it, or as shortKey does
 * @param into receives the key from index 0 on
 * @returns false where the text is not a key
 */
export function readKey(text: ShortKey, into: Uint32Array): boolean {
  const address = typeof text === 'number' ? text : parseIPv4(text);
  if (address >= 0) {
    fill(into, 0, 0, MAPPED, address);
    into[4] = ALL_BITS;
    return true;
  }
  if (typeof text === 'number') return false;
  const slash = text.indexOf('/');
  const groups = parseIPv6(slash < 0 ? text : text.slice(0, slash));
  if (groups === undefined) return false;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  fill(into, a * 65536 + b, c * 65536 + d, e * 65536 + f, g * 65536 + h);
  into[4] = slash < 0 ? ALL_BITS : Number(text.slice(slash + 1));
  return true;
}

/** A client key without its text where it can do without: an IPv4 address as its number, any other key as its text. */
export type ShortKey = string | number;

/** The key whose words stand from `at` on. */
export function shortKey(words: Uint32Array, at: number): ShortKey {
  return isIPv4(words, at) ? (words[at + 3] ?? 0) : keyText(words, at);
}

/** @param key as shortKey gives it */
export function textOf(key: ShortKey): string {
  return typeof key === 'string' ? key : ipv4Text(key);
}

/** Length of the longest client key, an IPv6 network. */
export const MAX_KEY = 50;
const QUOTE = 34;

/** Where the quote stands that ends a key in a file, or an index behind a text that is too long for a key. */
export function keyEnd(bytes: Buffer, start: number): number {
  let end = start;
  while (end - start <= MAX_KEY && bytes[end] !== QUOTE) end++;
  return end;
}

/** The key that stands from `start` up to `end`; undefined where that is not a key as it is written. */
export function keyAt(bytes: Buffer, start: number, end: number): ShortKey | undefined {
  const address = parseIPv4At(bytes, start, end);
  if (address >= 0) return address;
  const text = bytes.toString('latin1', start, end);
  return isClientKey(text) ? text : undefined;
}

/** The key whose words stand from `at` on. */
export function keyText(words: Uint32Array, at: number): string {
  if (isIPv4(words, at)) return ipv4Text(words[at + 3] ?? 0);
  const groups: number[] = [];
  for (let i = at; i < at + 4; i++) {
    const word = words[i] ?? 0;
    groups.push(word >>> 16, word & 0xffff);
  }
  return networkText(groups, words[at + 4] ?? 0);
}

/** Whether the key that stands from `at` on is that of an IPv4 client. */
export function isIPv4(words: Uint32Array, at: number): boolean {
  const isMapped = words[at] === 0 && words[at + 1] === 0 && words[at + 2] === MAPPED;
  return isMapped && words[at + 4] === ALL_BITS;
}

/** A hash of 32 bits. */
export function keyHash(words: Uint32Array, at: number): number {
  let hash = SEED;
  for (let i = at; i < at + KEY_LENGTH; i++) {
    hash = Math.imul(hash ^ (words[i] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Whether the key stands in the words from `at` on. */
export function isSameKey(key: Uint32Array, words: Uint32Array, at: number): boolean {
  for (let i = 0; i < KEY_LENGTH; i++) if (key[i] !== words[at + i]) return false;
  return true;
}

function fill(into: Uint32Array, a: number, b: number, c: number, d: number): void {
  into[0] = a;
  into[1] = b;
  into[2] = c;
  into[3] = d;
}
