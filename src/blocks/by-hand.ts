// What is done to the blocks by hand: a block lifted or imposed, a network allowed.

import { clientKey } from '../values/address.ts';
import type { AllowEntry } from './allow-entries.ts';
import type { Change } from './changes.ts';
import { EMPTY } from './events/window.ts';
import { countsOf } from './evidence.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Block, ClientRecord, ManualAction } from './table/record.ts';
import type { Table } from './table/table.ts';
import type { Upkeep } from './upkeep.ts';

/** Its methods are those of `Blocks` by the same names, and are described there. */
export class ByHand {
  readonly #life: Lifecycle;
  readonly #upkeep: Upkeep;
  readonly #recordOf: (address: string) => ClientRecord | undefined;
  readonly #onChange: (change: Change) => void;

  constructor(
    life: Lifecycle,
    upkeep: Upkeep,
    recordOf: (address: string) => ClientRecord | undefined,
    onChange: (change: Change) => void,
  ) {
    this.#life = life;
    this.#upkeep = upkeep;
    this.#recordOf = recordOf;
    this.#onChange = onChange;
  }

  lift(address: string, now: number, hand: ManualAction, grace: number | undefined): readonly Block[] {
    const key = this.#keyOf(address);
    const ended = this.#liftAll(address, now, hand);
    if (grace === undefined || key === undefined) return ended;
    // Under the key that counts now: the block may have stood under that of another IPv6 prefix.
    this.#table.update(this.#table.getOrAdd(key), (record) => {
      record.grace = grace;
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
    const key = this.#keyOf(address);
    if (key === undefined || this.#settledRecordOf(address, now)?.block !== undefined) return false;
    const record = this.#table.getOrAdd(key);
    this.#life.bringBack(record, now);
    const since = this.#firstMoment(record, now);
    this.#table.update(record, () => {
      const counts = countsOf(record.events);
      const refused = { refused: 0, firstRefused: 0, lastRefused: 0 };
      record.block = { rule, since, until, count: 0, hand, counts, ...refused };
      record.events = EMPTY;
      record.evidence = undefined;
    });
    this.#life.endings.add(record, until);
    this.#onChange({ type: 'block', ip: key, rule, at: since, until, count: 0, enforced: true, hand });
    this.#life.makeRoom(now);
    return true;
  }

  allow(entry: AllowEntry): boolean {
    const { entry: ip, at, until, hand } = entry;
    this.#upkeep.expireAllowEntries(at);
    if (!this.#life.allowEntries.add(entry)) return false;
    this.#life.lookAgain(at);
    this.#onChange({ type: 'allow', ip, at, until, hand });
    this.#upkeep.settle(at);
    return true;
  }

  disallow(entry: string, now: number, hand: ManualAction): boolean {
    this.#upkeep.expireAllowEntries(now);
    // What was read up to now was covered.
    if (this.#life.allowEntries.end(entry, now + 1) === undefined) return false;
    this.#onChange({ type: 'disallow', ip: entry, at: now, until: now, hand });
    return true;
  }

  /** ms; another block, or an entry of the allow list, may have ended in this very millisecond. */
  #firstMoment({ key, floor }: ClientRecord, now: number): number {
    const since = Math.max(now, floor);
    return this.#life.allowEntries.firstOver(key, since, since + 1) === undefined ? since : since + 1;
  }

  /** The record of a client, once what is over by `now` has ended. */
  #settledRecordOf(address: string, now: number): ClientRecord | undefined {
    const record = this.#recordOf(address);
    if (record !== undefined) this.#life.settle(record, now);
    return record === undefined ? undefined : this.#recordOf(address);
  }

  #keyOf(address: string): string | undefined {
    const { ipv6Prefix, nat64 } = this.#life.terms;
    return clientKey(address, ipv6Prefix, nat64);
  }

  get #table(): Table {
    return this.#life.table;
  }
}
