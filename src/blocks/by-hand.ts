// What is done to the lake by hand: blocks lifted and imposed, networks allowed, and all of it done again after a crash.

import { clientKey } from './address.ts';
import type { AuditedChange, Change } from './changes.ts';
import { countsOf } from './evidence.ts';
import type { Grant } from './grants.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Block, ClientRecord, Hand } from './record.ts';
import type { Table } from './table.ts';
import type { Upkeep } from './upkeep.ts';
import { EMPTY } from './window.ts';

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

  lift(address: string, now: number, hand: Hand, grace: number | undefined): readonly Block[] {
    const key = clientKey(address, this.#life.terms.ipv6Prefix);
    const found = this.#settledRecordOf(address, now);
    const ended = found === undefined ? [] : this.#life.lift(found, now, hand);
    const record = found ?? (grace === undefined || key === undefined ? undefined : this.#table.add(key));
    if (record === undefined || grace === undefined) return ended;
    this.#table.changing(record);
    record.grace = grace;
    this.#table.changed(record);
    this.#onChange({ type: 'grace', ip: record.key, at: now, until: grace, hand });
    return ended;
  }

  impose(address: string, rule: string, now: number, until: number, hand: Hand): boolean {
    const key = clientKey(address, this.#life.terms.ipv6Prefix);
    if (key === undefined || this.#settledRecordOf(address, now)?.block !== undefined) return false;
    const record = this.#table.get(key) ?? this.#table.add(key);
    this.#table.changing(record);
    const counts = countsOf(record.events);
    record.block = {
      rule,
      since: now,
      until,
      count: 0,
      hand,
      counts,
      refused: 0,
      firstRefused: 0,
      lastRefused: 0,
    };
    record.events = EMPTY;
    record.evidence = undefined;
    this.#table.changed(record);
    this.#life.endings.add(record, until);
    this.#onChange({ type: 'block', ip: key, rule, at: now, until, count: 0, enforced: true, hand });
    this.#life.makeRoom(now);
    return true;
  }

  allow(grant: Grant): boolean {
    const { entry: ip, at, until, hand } = grant;
    if (!this.#life.grants.add(grant)) return false;
    this.#upkeep.settleAll(at);
    this.#onChange({ type: 'allow', ip, at, until, hand });
    this.#upkeep.settle(at);
    return true;
  }

  disallow(entry: string, now: number, hand: Hand): boolean {
    if (this.#life.grants.remove(entry) === undefined) return false;
    this.#onChange({ type: 'disallow', ip: entry, at: now, until: now, hand });
    return true;
  }

  redo(change: AuditedChange): void {
    const { ip, at, hand } = change;
    if (hand === undefined) return;
    if (change.type === 'allow') this.allow({ entry: ip, at, until: change.until, hand });
    else if (change.type === 'disallow') this.disallow(ip, at, hand);
    else if (change.type === 'block')
      this.impose(ip.split('/')[0] ?? '', change.rule, at, change.until, hand);
    else {
      const record = this.#table.get(ip) ?? this.#table.add(ip);
      if (change.type === 'end') this.#life.lift(record, at, hand);
      this.#table.changing(record);
      if (change.type === 'grace') record.grace = change.until;
      else record.floor = Math.max(record.floor, at + 1);
      this.#table.changed(record);
    }
  }

  /** The record of a client, once what is over by `now` has ended. */
  #settledRecordOf(address: string, now: number): ClientRecord | undefined {
    const record = this.#recordOf(address);
    if (record !== undefined) this.#life.settle(record, now);
    return record === undefined ? undefined : this.#recordOf(address);
  }

  get #table(): Table {
    return this.#life.table;
  }
}
