// Changes that were made elsewhere, on another host that shares its blocks: applied by the rule of join.ts.

import { isClientKey } from '../values/address.ts';
import { parseNetwork } from '../values/network.ts';
import type { AllowChanged, AuditedChange, BlockBegun, BlockEnded, ClientSpared } from './changes.ts';
import { countsOf, evidenceFor } from './evidence.ts';
import type { Lifecycle } from './lifecycle.ts';
import { floorAfter } from './record/floor.ts';
import { formerAfter } from './record/former-blocks.ts';
import { joinBlock, joinFloor, joinGrace } from './record/join.ts';
import { spare } from './redo.ts';
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
    if (type === 'spared') return this.#spare(change);
    return type === 'breaker' ? this.#life.breaker.joinTurn(change) : this.#applyEntry(change);
  }

  /** Only of a client that is not blocked here: a block says more. */
  #spare(change: ClientSpared): boolean {
    if (!isClientKey(change.ip) || !change.enforced) return false;
    const { table } = this.#life;
    const before = table.get(change.ip)?.spared;
    const record = table.getOrAdd(change.ip);
    table.update(record, () => spare(record, change));
    return record.spared !== before;
  }

  #applyToClient(change: ClientChange): boolean {
    if (!isClientKey(change.ip) || (change.type !== 'grace' && !change.enforced)) return false;
    if (change.type === 'block' && this.#isSparedByBreaker(change)) return false;
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
    const { rule: name, at: since, until, count, classes, hand } = change;
    const rule = this.#life.terms.rules.named(name);
    const evidence = rule && evidenceFor(rule, record.evidence, since);
    // With counts, if none: otherwise the log of this host would be awaited for them.
    const details = { ...evidence, counts: countsOf(record.events) };
    return joinBlock(record, newBlock({ rule: name, since, until, count, classes, hand, ...details }));
  }

  #isSparedByBreaker({ ip, rule, at, until, inStanding = false, hand }: BlockBegun): boolean {
    const { breaker, table, terms } = this.#life;
    if (!inStanding || hand !== undefined || terms.breaker === undefined) return false;
    const block = table.get(ip)?.block;
    // It is known already.
    if (block !== undefined && block.since === at && block.until === until) return false;
    if (terms.rules.named(rule)?.enforce !== true) return false;
    return breaker.spares(ip, at);
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
    if (!allowEntries.join({ entry, at, until, hand })) return false;
    this.#life.recheckAll(at);
    return true;
  }
}
