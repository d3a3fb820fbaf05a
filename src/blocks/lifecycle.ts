// The life of a block: it begins with the last event that was missing, and ends by time, by hand, or for want of ground.

import type { AllowEntries } from './allow-entries.ts';
import { isAwaited } from './awaited.ts';
import type { BlockEnded, Change } from './changes.ts';
import { EMPTY, filledAt, firstOf, newestOf, type Question, timeOf } from './events/window.ts';
import { classesOf, countsOf, evidenceFor } from './evidence.ts';
import { dropBlock, floorAfter, ignoreBefore } from './floor.ts';
import type { CountingRule } from './rules.ts';
import { Endings } from './table/expiry-heap.ts';
import type { Block, ClientRecord, ManualAction, Watch } from './table/record.ts';
import type { Table } from './table/table.ts';
import type { Terms } from './terms.ts';

/** Clients let go at most for one that is blocked: it makes up for a cap that was lowered. */
const MAX_EVICTED = 2;
/** ms by which the clocks of a host and of its log may differ */
const AHEAD = 60_000;

/** How a block ended; `at` in ms since 1970. */
type Over = Pick<BlockEnded, 'at' | 'reason' | 'hand'>;

type Details = Pick<Block, 'evidence' | 'counts' | 'classes'>;

export class Lifecycle {
  table: Table;
  terms: Terms;
  /** ms; when the terms, or an entry of the allow list by hand, were last adopted */
  adoptedAt = 0;
  /** pinned records that have still to be looked at for the ground that was taken away then, or for their time */
  unsettled = 0;
  readonly endings = new Endings();
  readonly allowEntries: AllowEntries;
  readonly #onChange: (change: Change) => void;

  constructor(table: Table, terms: Terms, allowEntries: AllowEntries, onChange: (change: Change) => void) {
    this.table = table;
    this.terms = terms;
    this.allowEntries = allowEntries;
    this.#onChange = onChange;
  }

  /**
   * Starts the block, or the watched block, for which the event at `at` was the last one missing; one that the audit
   * trail has told of gets its details.
   */
  judge(record: ClientRecord, rule: CountingRule, at: number): void {
    if (record.events.length < rule.limit) return;
    const watch = record.watches?.find((candidate) => candidate.rule === rule.name);
    const awaited = awaitedOf(record, rule, watch);
    if (awaited === undefined && !mayBegin(record, rule, at)) return;
    const floor = Math.max(record.floor, awaited === undefined ? (watch?.until ?? 0) : 0);
    const { mask, limit, within } = rule;
    const question = { mask, limit, within, floor };
    const since = filledAt(record.events, question, at);
    if (since === undefined) return;
    if (awaited === undefined) this.#begin(record, rule, question, since);
    else if (rule.enforce || since === awaited.since)
      place(record, rule, { ...awaited, ...detailsOf(record, rule, question, awaited.since) });
  }

  #begin(record: ClientRecord, rule: CountingRule, question: Question, since: number): void {
    const { name, limit: count, enforce: enforced } = rule;
    const until = since + rule.blockFor;
    const allowed = this.allowEntries.firstOver(record.key, since, until);
    if (allowed !== undefined) {
      // It was given since: the block would have ended then.
      if (enforced) ignoreBefore(record, Math.max(allowed, since + 1));
      return;
    }
    const first = firstOf(record.events, question, since);
    const details = detailsOf(record, rule, question, since);
    const refused = { refused: 0, firstRefused: 0, lastRefused: 0 };
    place(record, rule, { rule: name, since, until, count, ...details, ...refused });
    this.endings.add(record, until);
    const { classes } = details;
    const told = { rule: name, at: since, until, first, count, ...(classes && { classes }), enforced };
    this.#onChange({ type: 'block', ip: record.key, ...told });
  }

  /** From `now` (ms) on another ground holds: whatever is held is looked at again, by and by. */
  lookAgain(now: number): void {
    this.adoptedAt = now;
    this.unsettled = this.table.pinned;
  }

  /** Ends what is over at `now`, or has lost its ground since. */
  settle(record: ClientRecord, now: number): void {
    if (record.isOnlyCounted) return;
    const { block, key, watches } = record;
    if (block !== undefined) {
      const over = this.#overOrGroundless(key, block, now, true);
      if (over !== undefined) this.#end(record, block, over);
    }
    // None is asked for again and again while a client is blocked.
    if (watches === undefined) return;
    for (const watch of watches) {
      if (watch.ended) continue;
      const over = this.#overOrGroundless(key, watch, now, false);
      if (over !== undefined) this.#endWatch(record, watch, over);
    }
  }

  /**
   * Where blocked clients take more room than they may, ends the blocks of those that have been silent for longest: of
   * all blocks theirs are missed least, and whoever comes back is counted like anybody else. Never a block by hand.
   * @param at ms: when the last block began
   */
  makeRoom(at: number): void {
    for (let left = MAX_EVICTED; left > 0; left--) {
      const record = this.table.excessPinned;
      if (record === undefined) return;
      this.settle(record, at);
      if (record.block?.hand !== undefined) this.table.nextPinned(1);
      else this.#evict(record, at);
    }
  }

  #evict(record: ClientRecord, at: number): void {
    const over = ({ since }: Block) => ({ at: Math.max(at, since), reason: 'no-room' }) as const;
    const { block, watches = [] } = record;
    if (block !== undefined) this.#end(record, block, over(block));
    for (const watch of watches) if (!watch.ended) this.#endWatch(record, watch, over(watch));
  }

  /**
   * Takes a record back to `now` (ms), of which a part lies ahead: the clock was wrong, and was set back. What is ahead
   * would hide what happens now, and a block that began a year ahead would last that year.
   */
  bringBack(record: ClientRecord, now: number): void {
    if (!isAhead(record, now)) return;
    this.table.update(record, () => {
      record.events = record.events.filter((stamp) => timeOf(stamp) <= now);
      record.floor = Math.min(record.floor, now);
      record.block = record.block && this.#broughtBack(record, record.block, now);
      record.watches = record.watches?.map((watch) =>
        watch.ended ? watch : this.#broughtBack(record, watch, now),
      );
    });
  }

  #broughtBack<T extends Block>(record: ClientRecord, block: T, now: number): T {
    if (block.since <= now) return block;
    const until = now + block.until - block.since;
    this.endings.add(record, until);
    return { ...block, since: now, until };
  }

  /** Ends every block of a record by hand; what happened up to now is forgotten, and what is read of it later too. */
  lift(record: ClientRecord, now: number, hand: ManualAction): readonly Block[] {
    this.bringBack(record, now);
    const { block, watches = [] } = record;
    const watched = watches.filter(({ ended }) => !ended);
    const lifted = block === undefined ? watched : [block, ...watched];
    const over = ({ since }: Block) => ({ at: Math.max(now, since), reason: 'lifted', hand }) as const;
    if (block !== undefined) this.#end(record, block, over(block));
    for (const watch of watched) this.#endWatch(record, watch, over(watch));
    return lifted;
  }

  #end(record: ClientRecord, block: Block, over: Over): void {
    this.table.update(record, () => dropBlock(record, floorAfter({ ...over, since: block.since })));
    this.#report(record, block, over, true);
  }

  #endWatch(record: ClientRecord, watch: Watch, over: Over): void {
    const floor = floorAfter({ ...over, since: watch.since });
    // A new object, and no change in place: the snapshot being written may hold the old one.
    const ended = { ...watch, until: floor, ended: true };
    this.table.update(record, () => {
      record.watches = record.watches?.map((candidate) => (candidate === watch ? ended : candidate));
      if (over.reason === 'lifted') ignoreBefore(record, floor);
    });
    this.#report(record, watch, over, false);
  }

  #report(record: ClientRecord, block: Block, { at, reason, hand }: Over, enforced: boolean): void {
    const { rule, since, refused } = block;
    this.#onChange({ type: 'end', ip: record.key, rule, at, since, reason, refused, enforced, hand });
  }

  #overOrGroundless(key: string, block: Block, now: number, enforced: boolean): Over | undefined {
    const { until } = block;
    if (now >= until) return { at: until, reason: 'expired' };
    // Each event of a blocked client asks: once all have been looked at, only time can end a block.
    if (this.unsettled === 0) return undefined;
    const ground = this.#lostGround(key, block, enforced);
    // Its time was over before, though the log had not come so far.
    return ground !== undefined && until <= ground.at ? { at: until, reason: 'expired' } : ground;
  }

  #lostGround(key: string, { rule: name, since, until }: Block, enforced: boolean): Over | undefined {
    const rule = this.terms.rules.named(name);
    const at = Math.max(this.adoptedAt, since);
    if (rule === undefined) return { at, reason: 'rule-removed' };
    if (rule.enforce !== enforced) return { at, reason: 'rule-changed' };
    if (this.terms.allow.coversKey(key)) return { at, reason: 'allow-listed' };
    const allowed = this.allowEntries.firstOver(key, since, until);
    return allowed === undefined ? undefined : { at: allowed, reason: 'allow-listed' };
  }
}

/** The block that a rule started, where the trail alone has told of it; of one by hand the log does not tell. */
function awaitedOf({ block }: ClientRecord, rule: CountingRule, watch: Watch | undefined): Block | undefined {
  const begun = rule.enforce ? block : watch?.ended ? undefined : watch;
  const isOurs = begun?.rule === rule.name && begun.hand === undefined;
  return isOurs && isAwaited(begun) ? begun : undefined;
}

/** What began before a block that runs stands in the trail, with the block. */
function mayBegin({ block, grace }: ClientRecord, rule: CountingRule, at: number): boolean {
  return block === undefined && (!rule.enforce || at >= grace);
}

/** What is known of the events that led to a block. */
function detailsOf(record: ClientRecord, rule: CountingRule, question: Question, since: number): Details {
  const { events, evidence } = record;
  return {
    ...evidenceFor(rule, evidence, since),
    counts: countsOf(events),
    ...classesOf(events, question, since),
  };
}

/** Puts a block, or a watched block, in its place. */
function place(record: ClientRecord, rule: CountingRule, block: Block): void {
  if (rule.enforce) {
    record.block = block;
    record.events = EMPTY;
    record.evidence = undefined;
  } else {
    const others = record.watches?.filter((candidate) => candidate.rule !== rule.name) ?? [];
    record.watches = [...others, { ended: false, ...block }];
  }
}

function isAhead({ events, floor, block, watches }: ClientRecord, now: number): boolean {
  const most = now + AHEAD;
  if (newestOf(events) > most || floor > most || (block?.since ?? 0) > most) return true;
  return watches?.some(({ since }) => since > most) ?? false;
}
