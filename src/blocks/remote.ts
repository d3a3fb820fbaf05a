// Changes that were made elsewhere, on another host that shares its blocks: applied by the rule of join.ts.

import { isClientKey } from '../values/address.ts';
import { parseNetwork } from '../values/network.ts';
import type { AllowChanged, AuditedChange, BlockEnded } from './changes.ts';
import type { Lifecycle } from './lifecycle.ts';
import { floorAfter } from './record/floor.ts';
import { formerAfter } from './record/former-blocks.ts';
import { joinBlock, joinFloor, joinGrace } from './record/join.ts';
import { newBlock } from './table/block.ts';
import type { ClientRecord } from './table/record.ts';

type ClientChange = Extract<AuditedChange, { readonly type: 'block' | 'end' | 'grace' }>;

export class Remote {
  readonly #life: Lifecycle;

  constructor(life: Lifecycle) {
    this.#life = life;
  }

  apply(change: AuditedChange): boolean {
    const { type } = change;
    if (type === 'block' || type === 'end' || type === 'grace') return this.#applyToClient(change);
    return type === 'allow' || type === 'disallow' ? this.#applyEntry(change) : false;
  }

  #applyToClient(change: ClientChange): boolean {
    if (!isClientKey(change.ip) || (change.type !== 'grace' && !change.enforced)) return false;
    const { table } = this.#life;
    const record = table.getOrAdd(change.ip);
    const isChanged = table.update(record, () => this.#join(record, change));
    if (!isChanged || change.type === 'grace') return isChanged;
    this.#check(record);
    return true;
  }

  #join(record: ClientRecord, change: ClientChange): boolean {
    if (change.type === 'grace') return joinGrace(record, change.at, change.until);
    if (change.type === 'end') return this.#joinEnd(record, change);
    const { rule, at: since, until, count, classes, hand } = change;
    // With counts, if none: the log of this host has no details of it.
    return joinBlock(record, newBlock({ rule, since, until, count, classes, hand, counts: {} }));
  }

  #joinEnd(record: ClientRecord, change: BlockEnded): boolean {
    const { block } = record;
    const isChanged = joinFloor(record, floorAfter(change));
    if (isChanged) this.#life.good.restart(record.key);
    const ended = block === undefined || record.block === block ? [change] : [change, block];
    for (const { rule, since } of ended)
      record.former = formerAfter(record.former, { rule, since, enforced: true }, change.reason);
    return isChanged;
  }

  /** Makes a block that holds now end in time, or by an allow entry that is known already. */
  #check(record: ClientRecord): void {
    const { key, block } = record;
    if (block === undefined) return;
    const { allowEntries, expiries, recheck, table } = this.#life;
    expiries.add(record, block.until);
    if (allowEntries.firstOver(key, block.since, block.until) !== undefined) recheck.start(table.pinned);
    this.#life.makeRoom(block.since);
  }

  #applyEntry({ type, ip: entry, at, until, hand }: AllowChanged): boolean {
    const { allowEntries } = this.#life;
    // An entry that expires does so on each host.
    if (hand === undefined || parseNetwork(entry) === undefined) return false;
    if (type === 'disallow') return allowEntries.disallow(entry, at, hand);
    if (!allowEntries.add({ entry, at, until, hand })) return false;
    this.#life.recheckAll(at);
    return true;
  }
}
