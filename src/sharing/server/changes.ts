// Changes as the server holds them: written for it, and read from it as from a stranger.

import type { AuditedChange } from '../../blocks/changes.ts';
import { floorAfter } from '../../blocks/record/floor.ts';
import { rankOf } from '../../blocks/record/join.ts';
import { AUDIT_VERSION, auditEntryIn, auditFacts, changeOf } from '../../state/audit.ts';
import { DAY } from '../../values/duration.ts';
import { isoText } from '../../values/iso-time.ts';
import { isObject, jsonIn } from '../../values/json.ts';
import { shardOfChange } from '../shard.ts';
import type { SharedChange } from '../shared-store.ts';

/** Characters of a change: more than any has. */
const MAX_TEXT = 16_384;
export const MAX_HOST = 255;
/** Times that scripts write as ms. */
const TIMES = ['at', 'until', 'since'] as const;
const MAX_TIME = 8.64e15;
/** ms since it was made for which a change counts as made just now */
const FRESH = 5000;

/** ms that a block, a grace or an allow entry lasts: as long as policy.yml and the commands allow, and a day */
const MAX_LENGTH = 367 * DAY;

/** Why a text gives no change: it is of a newer release, or of nobody that keeps to the form. */
export type NoChange = 'newer' | 'damaged';

/** @param now ms since 1970, by the clock of this host */
export function changeArguments(change: AuditedChange, host: string, now: number): readonly string[] {
  const text = JSON.stringify({ version: AUDIT_VERSION, ...auditFacts(change) });
  const { type, ip, at } = change;
  const isFresh = now - at < FRESH ? '1' : '0';
  const rank = type === 'block' ? rankOf(change) : '';
  const since = type === 'end' ? change.since : 0;
  return [host, text, type, ip, String(at), String(endingOf(change)), rank, String(since), isFresh];
}

/** The end of what begins, and the floor of what ends. */
function endingOf(change: AuditedChange): number {
  if (change.type === 'end') return floorAfter(change);
  return 'until' in change ? change.until : 0;
}

export function sharedChangeOf(shard: number, host: string, text: string): SharedChange | NoChange {
  if (text.length > MAX_TEXT || host.length > MAX_HOST) return 'damaged';
  const facts = jsonIn(text);
  if (!isObject(facts)) return 'damaged';
  if (typeof facts.version === 'number' && facts.version > AUDIT_VERSION) return 'newer';
  const entry = auditEntryIn({ ...facts, ...timesOf(facts), sequence: 0, written: '' });
  const change = entry && changeOf(entry);
  if (change === undefined || shardOfChange(change) !== shard) return 'damaged';
  if ('until' in change && change.until - change.at > MAX_LENGTH) return 'damaged';
  return { host, change };
}

/**
 * What a shard keeps of a client (client-state.ts), as changes.
 * @param text the value of its key
 */
export function changesOfState(shard: number, text: string): readonly SharedChange[] {
  const state = jsonIn(text);
  if (!isObject(state)) return [];
  const { lh, lj, gh, gj, b } = state;
  const blocks: readonly unknown[] = Array.isArray(b) ? b : [];
  const pairs = [[lh, lj], [gh, gj], ...blocks.map((block) => (isObject(block) ? [block.h, block.j] : []))];
  return pairs.flatMap(([host, change]) => {
    if (typeof host !== 'string' || typeof change !== 'string') return [];
    const shared = sharedChangeOf(shard, host, change);
    return typeof shared === 'string' ? [] : [shared];
  });
}

function timesOf(facts: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const times: Record<string, string> = {};
  for (const name of TIMES) {
    const time = facts[name];
    if (typeof time === 'number' && Number.isSafeInteger(time) && Math.abs(time) < MAX_TIME)
      times[name] = isoText(time);
  }
  return times;
}
