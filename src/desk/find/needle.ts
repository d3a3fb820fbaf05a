// What is looked for: the clients of a network, or a part of a text.

import { ipv4Text, networkText } from '../../values/address.ts';
import { isWithin, type ParsedNetwork, parseNetwork } from '../../values/network.ts';
import { pastedAddress } from '../../values/pasted-address.ts';

/** Characters of a text: a shorter one is found nearly everywhere, and no address is longer (RFC 5321 4.5.3.1). */
const MIN_TEXT = 3;
const MAX_TEXT = 256;
/** Text that JSON writes as it is, whatever the case of its letters. */
const PLAIN = /^[ !#-[\]-~]+$/;
const MAX_SHOWN = 200;
/** Characters shown in front of a match. */
const BEFORE = 40;

export const TEXT_LENGTHS = `${MIN_TEXT} to ${MAX_TEXT}` as const;

export interface Needle {
  readonly sought: string;
  /** undefined where a text is looked for */
  readonly network: ParsedNetwork | undefined;
  /** Whether all that is known of a client or network is wanted. */
  coversKey(key: string): boolean;
  /** Whether a network has something in common with what is looked for. */
  meets(network: string): boolean;
  /** Whether JSON may hold the text: false where it surely does not. */
  mayBeIn(json: string): boolean;
  /** The text, cut around the match; undefined where it does not match. */
  matchIn(text: string | undefined): string | undefined;
}

/** @returns undefined where it is neither an address, nor a network, nor a text of the right length */
export function needleOf(given: string): Needle | undefined {
  const address = pastedAddress(given);
  const network = parseNetwork(address.split('%', 1)[0] ?? '');
  if (network !== undefined) return networkNeedle(address, network);
  const text = given.trim();
  return text.length < MIN_TEXT || text.length > MAX_TEXT ? undefined : textNeedle(text);
}

/** All that is known of the clients of a network. */
export function networkNeedle(sought: string, network: ParsedNetwork): Needle {
  return {
    sought,
    network,
    // An IPv6 address lies in the client under whose network it is counted.
    coversKey: (key) => isWithin(key, network) || (key.includes('/') && isAround(key, network)),
    meets: (other) => isWithin(other, network) || isAround(other, network),
    mayBeIn: () => false,
    matchIn: () => undefined,
  };
}

function textNeedle(sought: string): Needle {
  const wanted = sought.toLowerCase();
  const isPlain = PLAIN.test(wanted);
  return {
    sought,
    network: undefined,
    coversKey: (key) => key.includes(wanted),
    meets: (network) => network.includes(wanted),
    mayBeIn: (json) => !isPlain || json.toLowerCase().includes(wanted),
    matchIn: (text) => {
      const start = text?.toLowerCase().indexOf(wanted) ?? -1;
      return text === undefined || start < 0 ? undefined : excerpt(text, start);
    },
  };
}

/** The part of a text around an index. */
export function excerpt(text: string, index: number): string {
  if (text.length <= MAX_SHOWN) return text;
  const start = Math.max(0, Math.min(index - BEFORE, text.length - MAX_SHOWN));
  const end = start + MAX_SHOWN;
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}

/** Whether the network lies in another one. */
function isAround(other: string, network: ParsedNetwork): boolean {
  const around = parseNetwork(other);
  return around !== undefined && isWithin(textOf(network), around);
}

function textOf(network: ParsedNetwork): string {
  if (network.family === 6) return networkText(network.groups, network.bits);
  return `${ipv4Text(network.address)}/${network.bits}`;
}
