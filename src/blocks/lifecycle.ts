// The clients with their blocks, and the ends of blocks: on expiry, by hand, or when the policy no longer justifies them.

import { AllowEntries } from './allow-entries.ts';
import type { BlockEnded, Change } from './changes.ts';
import { GoodClients } from './good/good-clients.ts';
import { Recheck } from './recheck.ts';
import { bringBack, MAX_AHEAD } from './record/clock-change.ts';
import { ExpiryHeap } from './record/expiry-heap.ts';
import { endBlock, floorAfter, ignoreBefore } from './record/floor.ts';
import { formerAfter } from './record/former-blocks.ts';
import { Breaker } from './sparing/breaker.ts';
import type { Block, ManualAction, Watch } from './table/block.ts';
import type { ClientRecord } from './table/record.ts';
import { Table } from './table/table.ts';
import type { Terms } from './terms.ts';

/** Clients evicted at most for one that is blocked; more than one makes up for a max-tracked that was lowered. */
const MAX_EVICTED = 2;
/** How a block ended; `at` in ms since 1970. */
type Over = Pick<BlockEnded, 'at' | 'reason' | 'hand'>;

/** Where hosts count together, on a server. */
export interface Shared {
  /** events are counted on a server too: a client may reach a limit with few events on this host */
  readonly isOn: boolean;
  /** the server decides: no block of an enforced rule starts here by the events of this host alone */
  readonly decides: boolean;
}

export class Lifecycle {
  #table: Table;
  #terms: Terms;
  readonly recheck = new Recheck();
  readonly expiries = new ExpiryHeap();
  readonly allowEntries = new AllowEntries();
  readonly good: GoodClients;
  readonly breaker: Breaker;
  shared: Shared = { isOn: false, decides: false };
  readonly #onChange: (change: Change) => void;

  constructor(terms: Terms, onChange: (change: Change) => void) {
    this.#table = new Table(terms.maxTracked);
    this.#terms = terms;
    this.good = new GoodClients(terms.rules.goodCounters, terms.maxTracked);
    const standing = (at: number) => this.good.inStanding(at);
    this.breaker = new Breaker(terms.breaker, standing, (turn) => onChange({ type: 'breaker', ...turn }));
    this.allowEntries.adopt(terms.nat64);
    this.#onChange = onChange;
  }

  get table(): Table {
    return this.#table;
  }

  get terms(): Terms {
    return this.#terms;
  }

  /** Replaces the terms; the blocks are checked against them by the next calls of `Upkeep.settle`. @param now ms */
  adopt(terms: Terms, now: number): void {
    this.#terms = terms;
    this.good.adopt(terms.rules.goodCounters, now);
    // The clock may have been set back while the daemon was down.
    this.breaker.bringBack(now, now + MAX_AHEAD);
    this.breaker.adopt(terms.breaker, now);
    this.allowEntries.adopt(terms.nat64);
    this.recheckAll(now);
    this.#table.setMaxTracked(terms.maxTracked);
    this.good.setMaxTracked(terms.maxTracked);
  }

  /** Removes every client and every allow entry made by hand, and closes the breaker. */
  clear(): void {
    this.#table = new Table(this.#terms.maxTracked);
    this.expiries.clear();
    this.allowEntries.clear();
    this.good.clear();
    this.breaker.clear();
  }

  /**
   * Checks the next `count` spared clients: they are spared no longer where the rule is gone, or where no event found its
   * limit reached within its time before `at` (ms).
   */
  endSparing(count: number, at: number): void {
    const { rules } = this.#terms;
    this.#table.spared.keep(count, ({ rule, last }) => {
      const within = rules.named(rule)?.within;
      return within !== undefined && at < last + within;
    });
  }

  /** From `now` (ms) on the grounds for blocks are others: all pinned records are checked, in steps. */
  recheckAll(now: number): void {
    this.recheck.start(this.#table.pinned, now);
  }

  /** Ends the blocks that expire by `now` (ms), or that the policy no longer justifies. */
  settle(record: ClientRecord, now: number): void {
    if (record.isOnlyCounted) return;
    const { block, key, watches } = record;
    if (block !== undefined) {
      const over = this.#endOf(key, block, now, true);
      if (over !== undefined) this.#end(record, block, over);
    }
    if (watches === undefined) return;
    for (const watch of watches) {
      if (watch.ended) continue;
      const over = this.#endOf(key, watch, now, false);
      if (over !== undefined) this.#endWatch(record, watch, over);
    }
  }

  /**
   * Where blocked clients take more room than they may, ends the blocks of those that have been silent for longest: these
   * are missed least, and a client that comes back is counted like any other. Never a block by hand.
   * @param at ms: when the last block started
   */
  makeRoom(at: number): void {
    for (let left = MAX_EVICTED; left > 0; left--) {
      const record = this.#table.excessPinned;
      if (record === undefined) return;
      this.settle(record, at);
      if (record.block?.hand !== undefined) this.#table.nextPinned(1);
      else this.#evict(record, at);
    }
  }

  #evict(record: ClientRecord, at: number): void {
    const over = ({ since }: Block) => ({ at: Math.max(at, since), reason: 'no-room' }) as const;
    const { block, watches = [] } = record;
    if (block !== undefined) this.#end(record, block, over(block));
    for (const watch of watches) if (!watch.ended) this.#endWatch(record, watch, over(watch));
  }

  /** Ends every block of a record by hand. Nothing up to `now` (ms) counts any more, whenever it is read. */
  lift(record: ClientRecord, now: number, hand: ManualAction): readonly Block[] {
    bringBack(this, record, now);
    const { block, watches = [] } = record;
    const watched = watches.filter(({ ended }) => !ended);
    const lifted = block === undefined ? watched : [block, ...watched];
    const over = ({ since }: Block) => ({ at: Math.max(now, since), reason: 'lifted', hand }) as const;
    if (block !== undefined) this.#end(record, block, over(block));
    for (const watch of watched) this.#endWatch(record, watch, over(watch));
    return lifted;
  }

  #end(record: ClientRecord, block: Block, over: Over): void {
    const { rule, since } = block;
    this.#table.update(record, () => {
      endBlock(record, floorAfter({ ...over, since }));
      record.former = formerAfter(record.former, { rule, since, enforced: true }, over.reason);
    });
    this.good.restart(record.key);
    if (record.block !== undefined) this.expiries.add(record, record.block.until);
    this.#report(record, block, over, true);
  }

  #endWatch(record: ClientRecord, watch: Watch, over: Over): void {
    const floor = floorAfter({ ...over, since: watch.since });
    // A new object, and no change in place: the snapshot being written may hold the old one.
    const ended = { ...watch, until: floor, ended: true };
    this.#table.update(record, () => {
      record.watches = record.watches?.map((candidate) => (candidate === watch ? ended : candidate));
      if (over.reason === 'lifted') ignoreBefore(record, floor);
      const { rule, since } = watch;
      record.former = formerAfter(record.former, { rule, since, enforced: false }, over.reason);
    });
    this.#report(record, watch, over, false);
  }

  #report(record: ClientRecord, block: Block, { at, reason, hand }: Over, enforced: boolean): void {
    const { rule, since, refused } = block;
    this.#onChange({ type: 'end', ip: record.key, rule, at, since, reason, refused, enforced, hand });
  }

  #endOf(key: string, block: Block, now: number, enforced: boolean): Over | undefined {
    const { until } = block;
    if (now >= until) return { at: until, reason: 'expired' };
    // Called for each event of a blocked client: once all records are checked, only time can end a block.
    if (!this.recheck.isRunning) return undefined;
    const lost = this.#lostGround(key, block, enforced);
    // It expired before, though the log had not come so far.
    return lost !== undefined && until <= lost.at ? { at: until, reason: 'expired' } : lost;
  }

  #lostGround(key: string, { rule: name, since, until }: Block, enforced: boolean): Over | undefined {
    const rule = this.#terms.rules.named(name);
    const at = Math.max(this.recheck.since, since);
    if (rule === undefined) return { at, reason: 'rule-removed' };
    if (rule.enforce !== enforced) return { at, reason: 'rule-changed' };
    if (this.#terms.allow.coversKey(key)) return { at, reason: 'allow-listed' };
    const allowed = this.allowEntries.firstOver(key, since, until);
    return allowed === undefined ? undefined : { at: allowed, reason: 'allow-listed' };
  }
}
