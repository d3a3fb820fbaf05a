// The options rules: and nat64: of policy.yml.

import { type CountName, NAMES } from '../../blocks/events/codes.ts';
import type { Repeat } from '../../blocks/record/former-blocks.ts';
import type { Rule } from '../../blocks/rules.ts';
import { DAY, SECOND } from '../../values/duration.ts';
import { NAT64_LENGTHS, type Nat64Prefix, USUAL_PREFIXES } from '../../values/nat64.ts';
import { parseNetwork } from '../../values/network.ts';
import { readDuration } from './duration-field.ts';
import type { Fields, MapFields, OptionNode } from './fields.ts';
import { OFF, readForgive, readPasses, readRuleShare } from './good-mail-fields.ts';

const RULE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const PRINTABLE = /^[\x20-\x7e]+$/;
/** RFC 5321 4.5.3.1.5: a reply line has 512 octets; Postfix puts the reply name of up to 100 or so in front. */
const MAX_MESSAGE = 320;
const MAX_LIMIT = 10_000;
const MAX_BLOCK = 366 * DAY;
const MAX_FACTOR = 100;

export function readRule(name: string, place: OptionNode, fields: Fields): Rule | undefined {
  if (!RULE_NAME.test(name)) {
    fields.wrong(
      { key: place.key, node: place.keyNode },
      'is not a valid rule name; expected at most 64 letters, digits, dots, dashes and underscores',
    );
  }
  const options = fields.map(place, 'counts, limit, within, block-for and message');
  if (options === undefined) return undefined;
  const counts = options.required('counts', readCounts, 'auth-failure');
  const limit = options.required('limit', (at) => fields.integer(at, 1, MAX_LIMIT), '100');
  const within = options.required('within', (at) => readDuration(at, fields, SECOND, 7 * DAY), '1h');
  const blockFor = options.required('block-for', (at) => readDuration(at, fields, SECOND, MAX_BLOCK), '24h');
  const message = options.required('message', readMessage, 'Your IP is blocked.');
  const enforce = options.optional('enforce', (at) => fields.boolean(at), true);
  const others = readOthers(options, fields, { counts, blockFor });
  options.finish();
  const isWhole =
    counts !== undefined &&
    limit !== undefined &&
    within !== undefined &&
    blockFor !== undefined &&
    message !== undefined &&
    enforce !== undefined;
  return isWhole ? { name, counts, limit, within, blockFor, message, enforce, ...others } : undefined;
}

/** The options of a rule that are off unless they are set. */
function readOthers(
  options: MapFields,
  fields: Fields,
  { counts, blockFor = 0 }: { readonly [Name in 'counts' | 'blockFor']: Rule[Name] | undefined },
): Pick<Rule, 'share' | 'forgive' | 'passes' | 'repeat'> {
  const share = options.optional('share', (at) => readRuleShare(at, fields, counts), OFF);
  const forgive = options.optional('forgive', (at) => readForgive(at, fields, counts), OFF);
  const passes = options.optional('passes', readPasses, OFF);
  const repeat = options.optional('repeat', (at) => readRepeat(at, fields, blockFor), OFF);
  return {
    ...(share === OFF ? {} : { share }),
    ...(forgive === OFF ? {} : { forgive }),
    ...(passes === OFF ? {} : { passes }),
    ...(repeat === OFF ? {} : { repeat }),
  };
}

function readMost(place: OptionNode, fields: Fields, blockFor: number): number | undefined {
  const longest = readDuration(place, fields, SECOND, MAX_BLOCK);
  if (longest === undefined || longest >= blockFor) return longest;
  return fields.wrong(place, 'is shorter than block-for; expected the longest block that the rule may start');
}

/** @param blockFor ms, of the rule: no block is shorter */
function readRepeat(place: OptionNode, fields: Fields, blockFor: number): Repeat | typeof OFF | undefined {
  if (fields.source(place) === OFF) return OFF;
  const options = fields.map(place, 'off, or {within: 30d, factor: 2, most: 14d}');
  if (options === undefined) return undefined;
  const within = options.required('within', (at) => readDuration(at, fields, SECOND, MAX_BLOCK), '30d');
  const factor = options.required('factor', (at) => fields.number(at, 1, MAX_FACTOR), '2');
  const most = options.required('most', (at) => readMost(at, fields, blockFor), '14d');
  options.finish();
  if (within === undefined || factor === undefined || most === undefined) return undefined;
  if (within > most) return { within, factor, most };
  return fields.wrong(
    place,
    'has a within that is not longer than most; expected it to be longer, since it runs from the start of a block',
  );
}

/** The prefixes of translators, after the well-known one. */
export function readNat64(place: OptionNode, fields: Fields): readonly Nat64Prefix[] | undefined {
  const prefixes = fields.list(place, 'prefixes of translators', readPrefix);
  return prefixes && [...USUAL_PREFIXES, ...prefixes];
}

/** RFC 6052 2.2: bits 64 to 71 are zero, also within a prefix of 96 bits. */
function readPrefix(place: OptionNode, fields: Fields): Nat64Prefix | undefined {
  const expected = `an IPv6 prefix of ${NAT64_LENGTHS.join(', ')} bits, such as 2001:db8:64::/96`;
  const text = fields.text(place, expected);
  if (text === undefined) return undefined;
  const network = parseNetwork(text);
  const isPrefix = network?.family === 6 && NAT64_LENGTHS.includes(network.bits);
  if (isPrefix && ((network.groups[4] ?? 0) & 0xff00) === 0)
    return { groups: network.groups, bits: network.bits };
  const wrong = isPrefix
    ? 'has bits set in octet 8, which RFC 6052 keeps zero'
    : 'is not a prefix of a translator';
  return fields.wrong(place, `${JSON.stringify(text)} ${wrong}; expected ${expected}`);
}

/** Kinds of events, and classes of kinds. */
function readCounts(place: OptionNode, fields: Fields): readonly CountName[] | undefined {
  if (!fields.isList(place)) {
    const name = fields.oneOf(place, NAMES);
    return name && [name];
  }
  const names = fields.filledList(place, `one of ${NAMES.join(', ')}, or some`, (item) =>
    fields.oneOf(item, NAMES),
  );
  return names && [...new Set(names)];
}

function readMessage(place: OptionNode, fields: Fields): string | undefined {
  const text = fields.text(place, 'the text of the 554');
  if (text === undefined) return undefined;
  if (!PRINTABLE.test(text) || text.length > MAX_MESSAGE || text.trim() !== text) {
    return fields.wrong(
      place,
      `cannot be sent; expected one line of printable ASCII, ${MAX_MESSAGE} characters at most`,
    );
  }
  // access(5): a text that begins with an enhanced status code would change the reply's class.
  if (/^[0-9]\.[0-9]+\.[0-9]+(?: |$)/.test(text)) {
    return fields.wrong(place, 'begins with a status code; expected the text alone, Postfix adds 5.7.1');
  }
  const unknown = /\{(?!(?:ip|rule|until)\})[^}]*\}?/.exec(text)?.[0];
  if (unknown !== undefined) {
    return fields.wrong(
      place,
      `${JSON.stringify(unknown)} is not a known placeholder; expected {ip}, {rule} or {until}`,
    );
  }
  return text;
}
