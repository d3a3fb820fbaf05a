// The snapshot line of a blocked client, of which only what a verdict needs is read: by which rule, and until when.

import type { BlockTerm } from '../../blocks/table/block.ts';
import { keyAt, keyEnd, type ShortKey } from '../../blocks/table/key-words.ts';
import { isClientKey } from '../../values/address.ts';
import { isAt } from '../../values/bytes.ts';
import { ISO_LENGTH, isoTimeAt } from '../../values/iso-time.ts';
import { isObject, jsonIn } from '../../values/json.ts';
import { damage, parseTime } from './damage.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const BLOCK = Buffer.from('":{"block":{');
const RULE = Buffer.from('"rule":"');
const SINCE = Buffer.from('","since":"');
const UNTIL = Buffer.from('","until":"');

/**
 * Reads the beginning of `"KEY":{"block":{"rule":"NAME","since":"TIME","until":"TIME",…` in a small part of the time that
 * JSON.parse takes for all that is known of a blocked client. A line of another form is left to that.
 *
 * @param bytes of a file in which the line stands from `from` up to `to`
 * @param number of the line, for the error
 * @returns undefined for a client that is not blocked
 * @throws SnapshotDamage
 */
export function parseBlockedLine(
  bytes: Buffer,
  from: number,
  to: number,
  number: number,
): { readonly key: ShortKey; readonly block: BlockTerm } | undefined {
  if (from === to) return undefined;
  const close = keyEnd(bytes, from + 1);
  if (bytes[from] === QUOTE && !isAt(BLOCK, bytes, close)) return undefined;
  const key = bytes[from] === QUOTE ? keyAt(bytes, from + 1, close) : undefined;
  const block = key === undefined ? undefined : blockAt(bytes, close + BLOCK.length, to);
  if (key !== undefined && block !== undefined) return { key, block };
  return parseByJson(bytes.toString('utf8', from, to), number);
}

/** In a line of another form, as one whose rule has a quotation mark in its name. */
function parseByJson(line: string, number: number) {
  const entry = jsonIn(`{${line.endsWith(',') ? line.slice(0, -1) : line}}`);
  const [key, fields] = isObject(entry) ? (Object.entries(entry)[0] ?? []) : [];
  if (key === undefined || !isClientKey(key) || !isObject(fields)) throw damage(number, '"IP":{…}');
  const { block } = fields;
  if (block === undefined) return undefined;
  if (!isObject(block) || typeof block.rule !== 'string') throw damage(number, 'a block with its rule');
  const { rule, since, until } = block;
  return { key, block: { rule, since: parseTime(since, number), until: parseTime(until, number) } };
}

function blockAt(bytes: Buffer, at: number, to: number): BlockTerm | undefined {
  if (!isAt(RULE, bytes, at)) return undefined;
  const start = at + RULE.length;
  let end = start;
  while (end < to && bytes[end] !== QUOTE && bytes[end] !== BACKSLASH) end++;
  const sinceAt = end + SINCE.length;
  const untilAt = sinceAt + ISO_LENGTH + UNTIL.length;
  if (untilAt + ISO_LENGTH >= to || !isAt(SINCE, bytes, end)) return undefined;
  if (!isAt(UNTIL, bytes, sinceAt + ISO_LENGTH)) return undefined;
  const [since, until] = [isoTimeAt(bytes, sinceAt), isoTimeAt(bytes, untilAt)];
  if (Number.isNaN(since) || Number.isNaN(until) || bytes[untilAt + ISO_LENGTH] !== QUOTE) return undefined;
  return { rule: ruleAt(bytes, start, end), since, until };
}

/** The rule named last, and its bytes: most clients of a flood are blocked by one. */
let lastRule = '';
let lastRuleBytes = Buffer.alloc(0);

function ruleAt(bytes: Buffer, start: number, end: number): string {
  if (end - start !== lastRuleBytes.length || !isAt(lastRuleBytes, bytes, start)) {
    lastRule = bytes.toString('utf8', start, end);
    lastRuleBytes = Buffer.from(lastRule);
  }
  return lastRule;
}
