// The life of a block: it begins with the last event that was missing, and ends by time, by hand, or for want of ground.

import type { Change, EndReason } from './changes.ts';
import { Endings } from './endings.ts';
import { classesOf, countsOf, evidenceFor } from './evidence.ts';
import type { Grants } from './grants.ts';
import type { Block, ClientRecord, Hand, Watch } from './record.ts';
import type { CountingRule } from './rules.ts';
import type { Table } from './table.ts';
import type { Terms } from './terms.ts';
import { EMPTY, filledAt, firstOf, newestOf, timeOf } from './window.ts';

/** Clients let go at most for one that is blocked: it makes up for a cap that was lowered. */
const LET_GO = 2;
/** ms by which the clocks of a host and of its log may differ */
const AHEAD = 60_000;

export class Lifecycle {
  table: Table;
  terms: Terms;
  /** ms; when the terms, or an entry of the allow list by hand, were last adopted */
  adoptedAt = 0;
  /** held records that have still to be looked at for the ground that was taken away then, or for their time */
  unsettled = 0;
  readonly endings = new Endings();
  readonly grants: Grants;
  readonly #onChange: (change: Change) => void;

  constructor(table: Table, terms: Terms, grants: Grants, onChange: (change: Change) => void) {
    this.table = table;
    this.terms = terms;
    this.grants = grants;
    this.#onChange = onChange;
  }

  /** Starts the block, or the watched block, for which the event at `at` was the last one missing. */
  judge(record: ClientRecord, rule: CountingRule, at: number): void {
    if (record.events.length < rule.limit) return;
    if (record.block !== undefined || (rule.enforce && at < record.grace)) return;
    const watch = record.watches?.find((candidate) => candidate.rule === rule.name);
    const floor = Math.max(record.floor, watch?.until ?? 0);
    const { mask, limit, within } = rule;
    const question = { mask, limit, within, floor };
    const since = filledAt(record.events, question, at);
    if (since === undefined) return;
    const first = firstOf(record.events, question, since);
    const until = since + rule.blockFor;
    const classes = classesOf(record.events, question, since);
    const block = {
      rule: rule.name,
      since,
      until,
      count: limit,
      ...evidenceFor(rule, record.evidence, since),
      counts: countsOf(record.events),
      ...classes,
      refused: 0,
      firstRefused: 0,
      lastRefused: 0,
    };
    if (rule.enforce) {
      record.block = block;
      record.events = EMPTY;
      record.evidence = undefined;
    } else {
      const others = record.watches?.filter((candidate) => candidate !== watch) ?? [];
      record.watches = [...others, { ...block, ended: false }];
    }
    this.endings.add(record, until);
    const { name, enforce: enforced } = rule;
    const ip = record.key;
    const length = { at: since, until, first };
    this.#onChange({ type: 'block', ip, rule: name, ...length, count: limit, ...classes, enforced });
  }

  /** Ends what is over at `now`, or has lost its ground when the present terms were adopted. */
  settle(record: ClientRecord, now: number): void {
    const { block, key } = record;
    if (block !== undefined) {
      const ground = this.#overOrGroundless(key, block, now, true);
      if (ground !== undefined)
        this.#end(record, ground === 'expired' ? block.until : this.adoptedAt, ground);
    }
    for (const watch of record.watches ?? []) {
      if (watch.ended) continue;
      const ground = this.#overOrGroundless(key, watch, now, false);
      if (ground !== undefined)
        this.#endWatch(record, watch, ground === 'expired' ? watch.until : this.adoptedAt, ground);
    }
  }

  /**
   * Where blocked clients take more room than they may, ends the blocks of those that have been silent for longest: of
   * all blocks theirs are missed least, and whoever comes back is counted like anybody else. Never a block by hand.
   * @param at ms: when the last block began
   */
  makeRoom(at: number): void {
    for (let left = LET_GO; left > 0; left--) {
      const record = this.table.heldTooMany;
      if (record === undefined) return;
      this.settle(record, at);
      if (record.block?.hand !== undefined) this.table.nextHeld(1);
      else this.#letGo(record, at);
    }
  }

  #letGo(record: ClientRecord, at: number): void {
    this.#end(record, at, 'no-room');
    for (const watch of record.watches ?? []) if (!watch.ended) this.#endWatch(record, watch, at, 'no-room');
  }

  /**
   * Takes a record back to `now` (ms), of which a part lies ahead: the clock was wrong, and was set back. What is ahead
   * would hide what happens now, and a block that began a year ahead would last that year.
   */
  bringBack(record: ClientRecord, now: number): void {
    if (!isAhead(record, now)) return;
    this.table.changing(record);
    record.events = record.events.filter((stamp) => timeOf(stamp) <= now);
    record.floor = Math.min(record.floor, now);
    record.block = record.block && this.#broughtBack(record, record.block, now);
    record.watches = record.watches?.map((watch) =>
      watch.ended ? watch : this.#broughtBack(record, watch, now),
    );
    this.table.changed(record);
  }

  #broughtBack<T extends Block>(record: ClientRecord, block: T, now: number): T {
    if (block.since <= now) return block;
    const until = now + block.until - block.since;
    this.endings.add(record, until);
    return { ...block, since: now, until };
  }

  /** Ends every block of a record by hand; what happened up to now is forgotten, and what is read of it later too. */
  lift(record: ClientRecord, now: number, hand: Hand): readonly Block[] {
    const { block, watches = [] } = record;
    const watched = watches.filter(({ ended }) => !ended);
    if (block !== undefined) this.#end(record, now, 'lifted', hand);
    for (const watch of watched) this.#endWatch(record, watch, now, 'lifted', hand);
    if (block === undefined && watched.length === 0) return [];
    this.table.changing(record);
    record.floor = now + 1;
    record.events = EMPTY;
    record.evidence = undefined;
    this.table.changed(record);
    return block === undefined ? watched : [block, ...watched];
  }

  #end(record: ClientRecord, at: number, reason: EndReason, hand?: Hand): void {
    const block = record.block;
    if (block === undefined) return;
    this.table.changing(record);
    record.block = undefined;
    record.events = EMPTY;
    record.floor = at;
    this.table.changed(record);
    this.#report(record, block, at, reason, true, hand);
  }

  #endWatch(record: ClientRecord, watch: Watch, at: number, reason: EndReason, hand?: Hand): void {
    this.table.changing(record);
    // A new object, and no change in place: the snapshot being written may hold the old one.
    const ended = { ...watch, until: at, ended: true };
    record.watches = record.watches?.map((candidate) => (candidate === watch ? ended : candidate));
    this.table.changed(record);
    this.#report(record, watch, at, reason, false, hand);
  }

  #report(
    record: ClientRecord,
    block: Block,
    at: number,
    reason: EndReason,
    enforced: boolean,
    hand?: Hand,
  ): void {
    const { rule, since, refused } = block;
    this.#onChange({ type: 'end', ip: record.key, rule, at, since, reason, refused, enforced, hand });
  }

  #overOrGroundless(key: string, block: Block, now: number, enforced: boolean): EndReason | undefined {
    if (now >= block.until) return 'expired';
    // Each event of a blocked client asks: once all have been looked at, only time can end a block.
    if (this.unsettled === 0) return undefined;
    const ground = this.#lostGround(key, block, enforced);
    // Its time was over before, though the log had not come so far.
    return ground !== undefined && block.until <= this.adoptedAt ? 'expired' : ground;
  }

  #lostGround(key: string, block: Block, enforced: boolean): EndReason | undefined {
    const rule = this.terms.rules.named(block.rule);
    if (rule === undefined) return 'rule-removed';
    if (rule.enforce !== enforced) return 'rule-changed';
    const isAllowed = this.terms.allow.coversKey(key) || this.grants.list.coversKey(key);
    return isAllowed ? 'allow-listed' : undefined;
  }
}

function isAhead({ events, floor, block, watches }: ClientRecord, now: number): boolean {
  const most = now + AHEAD;
  if (newestOf(events) > most || floor > most || (block?.since ?? 0) > most) return true;
  return watches?.some(({ since }) => since > most) ?? false;
}
