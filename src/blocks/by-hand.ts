// Manual actions: a block lifted or imposed, a network allowed or disallowed.

import type { AllowEntry } from './allow-entries.ts';
import type { Change } from './changes.ts';
import { countsOf } from './evidence.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Lookup } from './lookup.ts';
import { bringBack } from './record/clock-change.ts';
import { startBlock } from './record/floor.ts';
import { type Block, type ManualAction, newBlock } from './table/block.ts';
import type { ClientRecord } from './table/record.ts';
import type { Table } from './table/table.ts';
import type { Upkeep } from './upkeep.ts';

/** The methods of `Blocks` of the same names, described there. */
export class ByHand {
  readonly #life: Lifecycle;
  readonly #upkeep: Upkeep;
  readonly #lookup: Lookup;
  readonly #onChange: (change: Change) => void;

  constructor(life: Lifecycle, upkeep: Upkeep, lookup: Lookup, onChange: (change: Change) => void) {
    this.#life = life;
    this.#upkeep = upkeep;
    this.#lookup = lookup;
    this.#onChange = onChange;
  }

  lift(address: string, now: number, hand: ManualAction, grace: number | undefined): readonly Block[] {
    const key = this.#lookup.keyOf(address);
    const ended = this.#liftAll(address, now, hand);
    if (grace === undefined || key === undefined) return ended;
    // Under the key of the policy now: the block may have been under that of another IPv6 prefix.
    this.#table.update(this.#table.getOrAdd(key), (record) => {
      record.grace = grace;
      record.graceAt = now;
    });
    this.#onChange({ type: 'grace', ip: key, at: now, until: grace, hand });
    return ended;
  }

  /** A client may be blocked under the key of each IPv6 prefix that the policy has had. */
  #liftAll(address: string, now: number, hand: ManualAction): readonly Block[] {
    const all: Block[] = [];
    for (;;) {
      const record = this.#settledRecordOf(address, now);
      const lifted = record === undefined ? [] : this.#life.lift(record, now, hand);
      if (lifted.length === 0) return all;
      all.push(...lifted);
    }
  }

  impose(address: string, rule: string, now: number, until: number, hand: ManualAction): boolean {
    const key = this.#lookup.keyOf(address);
    if (key === undefined || this.#settledRecordOf(address, now)?.block !== undefined) return false;
    const record = this.#table.getOrAdd(key);
    bringBack(this.#life, record, now);
    const since = this.#firstMoment(record, now);
    const counts = countsOf(record.events);
    const block = newBlock({ rule, since, until, count: 0, hand, counts });
    this.#table.update(record, () => startBlock(record, block));
    this.#life.expiries.add(record, until);
    this.#onChange({ type: 'block', ip: key, rule, at: since, until, count: 0, enforced: true, hand });
    this.#life.makeRoom(now);
    return true;
  }

  allow({ entry: ip, at: now, until: end, hand }: AllowEntry): boolean {
    const { allowEntries } = this.#life;
    this.#upkeep.expireAllowEntries(now);
    const at = allowEntries.freeMoment(ip, now);
    const until = end + at - now;
    if (!allowEntries.add({ entry: ip, at, until, hand })) return false;
    this.#life.recheckAll(at);
    this.#onChange({ type: 'allow', ip, at, until, hand });
    this.#upkeep.settle(at);
    return true;
  }

  disallow(entry: string, now: number, hand: ManualAction): boolean {
    this.#upkeep.expireAllowEntries(now);
    const known = this.#life.allowEntries.entryOf(entry);
    if (known === undefined) return false;
    // The clock may have been set back since the entry was made.
    const at = Math.max(now, known.at);
    this.#life.allowEntries.disallow(entry, at, hand);
    this.#onChange({ type: 'disallow', ip: entry, at, until: at, hand });
    return true;
  }

  /** ms; another block, or an allow entry, may have ended in this very millisecond. */
  #firstMoment({ key, floor }: ClientRecord, now: number): number {
    const since = Math.max(now, floor);
    return this.#life.allowEntries.firstOver(key, since, since + 1) === undefined ? since : since + 1;
  }

  /** The record of a client, once the blocks that expire by `now` have ended. */
  #settledRecordOf(address: string, now: number): ClientRecord | undefined {
    const record = this.#lookup.recordOf(address);
    if (record !== undefined) this.#life.settle(record, now);
    return record === undefined ? undefined : this.#lookup.recordOf(address);
  }

  get #table(): Table {
    return this.#life.table;
  }
}
