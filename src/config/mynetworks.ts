// The parameter mynetworks of Postfix: from its patterns to networks. Reads no file.

import { isClientName } from '../blocks/allow.ts';
import { parseNetwork } from '../values/network.ts';
import { without } from './network-difference.ts';

/** One pattern of the list, in its order. */
export interface NetworkPattern {
  readonly text: string;
  /** behind `!`: what it matches is not in the list, unless an earlier pattern matches */
  readonly isNegated: boolean;
}

/** A list that cannot be turned into networks. The message says what it holds. */
export class PatternError extends Error {}

/** mystrtok.c with CHARS_COMMA_SP: what separates patterns. */
const SEPARATORS = /[\s,]+/;
/** match_hostaddr() of match_ops.c silently ignores a pattern of these that is not an address. */
const NUMERIC = /^[\d.]+$/;
/** More networks or exclusions than this come from no list that a person wrote. */
const MAX_NETWORKS = 10_000;
const MAX_NEGATED = 1000;

/**
 * The patterns of a text, in their order (match_list_parse() of match_list.c).
 *
 * @param isNegated of the text as a whole, as for the content of `!/file`
 * @throws PatternError for `!` alone, which Postfix does not accept either
 */
export function patternsIn(text: string, isNegated = false): readonly NetworkPattern[] {
  const items = text.split(SEPARATORS).filter((item) => item !== '');
  return items.map((item) => {
    const pattern = item.replace(/^!+/, '');
    if (pattern === '') throw new PatternError('holds "!" without a pattern');
    const isOdd = (item.length - pattern.length) % 2 === 1;
    return { text: pattern, isNegated: isOdd !== isNegated };
  });
}

/** The text of a file without its comments: readlline.c skips lines whose first character other than blanks is `#`. */
export function withoutComments(text: string): string {
  return text.replace(/^[ \t]*#.*$/gm, '');
}

/**
 * The networks and client names that a list matches: the first pattern that matches decides.
 *
 * @param coversBelow a name covers the names below it too (parent_domain_matches_subdomains)
 * @throws PatternError
 */
export function networksOf(patterns: readonly NetworkPattern[], coversBelow: boolean): readonly string[] {
  const negated: string[] = [];
  const entries: string[] = [];
  for (const { text, isNegated } of patterns) {
    const network = networkOf(text);
    if (network === undefined) {
      const names = namesOf(text.toLowerCase(), coversBelow);
      if (names.length > 0 && (isNegated || negated.length > 0))
        throw new PatternError(`holds the client name ${JSON.stringify(text)} together with "!"`);
      entries.push(...names);
    } else if (isNegated) negated.push(network);
    else entries.push(...without(network, negated));
    if (entries.length > MAX_NETWORKS) throw new PatternError(`holds more than ${MAX_NETWORKS} networks`);
    if (negated.length > MAX_NEGATED) throw new PatternError(`holds more than ${MAX_NEGATED} exclusions`);
  }
  return [...new Set(entries)];
}

/** cidr_match_parse() of cidr_match.c: brackets are around the address, or around address and prefix length. */
function networkOf(pattern: string): string | undefined {
  const text = /^\[[^[\]]*\](?:\/\d+)?$/.test(pattern) ? pattern.replace(/[[\]]/g, '') : pattern;
  // Without brackets, a pattern with a colon is a lookup table.
  const isTable = text === pattern && pattern.includes(':');
  return isTable || parseNetwork(text) === undefined ? undefined : text;
}

/** The allow entries of a pattern that is not a network. */
function namesOf(pattern: string, coversBelow: boolean): readonly string[] {
  if (NUMERIC.test(pattern)) return [];
  const quoted = JSON.stringify(pattern.slice(0, 60));
  if (pattern.includes(':') && !pattern.startsWith('['))
    throw new PatternError(`holds the lookup table ${quoted}`);
  if (!isClientName(pattern)) throw new PatternError(`holds ${quoted}, which is not a valid network`);
  return coversBelow && !pattern.startsWith('.') ? [pattern, `.${pattern}`] : [pattern];
}
