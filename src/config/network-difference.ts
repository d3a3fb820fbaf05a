// The difference of networks: a network without parts of it, as networks.

import { ipv4Text, networkText } from '../values/address.ts';
import { parseNetwork } from '../values/network.ts';

/** A network by its first address and the length of its prefix. */
interface Span {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly bits: number;
}

const WIDTH = { 4: 32, 6: 128 } as const;

/** The networks that together hold what `network` holds and none of `excluded` does; all as parseNetwork takes them. */
export function without(network: string, excluded: readonly string[]): readonly string[] {
  const whole = spanOf(network);
  const parts = excluded.map(spanOf);
  if (parts.every((part) => areApart(whole, part))) return [network];
  return pieces(whole, parts).map(textOf);
}

function pieces(span: Span, excluded: readonly Span[]): readonly Span[] {
  const inside = excluded.filter((part) => !areApart(span, part));
  if (inside.length === 0) return [span];
  if (inside.some(({ bits }) => bits <= span.bits)) return [];
  const bits = span.bits + 1;
  const upper = span.first | (1n << BigInt(WIDTH[span.family] - bits));
  return [span.first, upper].flatMap((first) => pieces({ family: span.family, first, bits }, inside));
}

/** Of two networks one holds the other, or they have nothing in common. */
function areApart(a: Span, b: Span): boolean {
  if (a.family !== b.family) return true;
  const rest = BigInt(WIDTH[a.family] - Math.min(a.bits, b.bits));
  return a.first >> rest !== b.first >> rest;
}

function spanOf(text: string): Span {
  const network = parseNetwork(text);
  if (network === undefined) throw new Error(`${text} is not a network`);
  const { family, bits } = network;
  if (network.family === 4) return { family, bits, first: BigInt(network.address >>> 0) };
  return { family, bits, first: network.groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n) };
}

function textOf({ family, first, bits }: Span): string {
  if (family === 4) return `${ipv4Text(Number(first))}/${bits}`;
  const groups = Array.from({ length: 8 }, (_, i) => Number((first >> BigInt(112 - 16 * i)) & 0xffffn));
  return networkText(groups, bits);
}
