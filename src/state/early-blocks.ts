// The blocks that refuse clients while the daemon still reads the counts: those of a snapshot, and what the trail says since.

import { AllowEntries, type SavedAllowEntry } from '../blocks/allow-entries.ts';
import type { AuditedChange, BlockBegun, BlockEnded } from '../blocks/changes.ts';
import { type Refused, refusalBy } from '../blocks/lookup.ts';
import { Prefixes } from '../blocks/prefixes.ts';
import { floorAfter } from '../blocks/record/floor.ts';
import { redoAllowEntry } from '../blocks/redo.ts';
import { type BlockTerm, newBlock } from '../blocks/table/block.ts';
import { type ShortKey, textOf } from '../blocks/table/key-words.ts';
import type { Terms } from '../blocks/terms.ts';
import { parseIPv4 } from '../values/address.ts';

/**
 * Only reads after it has been filled: nothing counts, starts or ends here. Whether the block of a client runs is asked of
 * the clock at each verdict.
 */
export class EarlyBlocks {
  readonly terms: Terms;
  readonly allowEntries = new AllowEntries();
  readonly #prefixes: Prefixes;
  /** an IPv4 client by its address as a signed integer, any other by its key */
  readonly #blocks = new Map<ShortKey, BlockTerm>();
  readonly #floors = new Map<ShortKey, number>();

  constructor(terms: Terms) {
    this.terms = terms;
    this.#prefixes = new Prefixes(terms);
    this.allowEntries.adopt(terms.nat64);
  }

  get size(): number {
    return this.#blocks.size;
  }

  /** Adds the block of a client, as a snapshot held it. */
  load(key: ShortKey, block: BlockTerm): void {
    this.#blocks.set(shortOf(key), block);
    if (typeof key === 'string') this.#prefixes.addOf(key);
  }

  /** Adds the allow entries of a snapshot: those in force, and ended ones. */
  loadAllowEntries(inForce: readonly SavedAllowEntry[], ended: readonly SavedAllowEntry[]): void {
    this.allowEntries.restore(inForce, ended);
  }

  /** Replays a line of the audit trail that the snapshot does not include, as `Blocks.redo` does. */
  redo(change: AuditedChange): void {
    if (change.type === 'allow' || change.type === 'disallow') redoAllowEntry(this.allowEntries, change);
    else if (change.type === 'block' && change.enforced) this.#start(change);
    else if (change.type === 'end') this.#end(change);
  }

  /** As `Blocks.refusing`. */
  refusing(address: string, nameOf: () => string | undefined, now: number): Refused | undefined {
    const block = this.#prefixes.under(address, (key) => {
      const known = this.#blocks.get(shortOf(key));
      return known !== undefined && now < known.until ? known : undefined;
    });
    return block && refusalBy(this, newBlock({ ...block, count: 0 }), address, nameOf);
  }

  #start({ ip, rule, at: since, until }: BlockBegun): void {
    const key = shortOf(ip);
    if (since < (this.#floors.get(key) ?? 0) || (this.#blocks.get(key)?.until ?? 0) >= until) return;
    this.load(ip, { rule, since, until });
  }

  #end(change: BlockEnded): void {
    if (!change.enforced && change.reason !== 'lifted') return;
    const key = shortOf(change.ip);
    const floor = Math.max(this.#floors.get(key) ?? 0, floorAfter(change));
    this.#floors.set(key, floor);
    if ((this.#blocks.get(key)?.since ?? floor) < floor) this.#blocks.delete(key);
  }
}

function shortOf(key: ShortKey): ShortKey {
  const address = typeof key === 'number' ? key : parseIPv4(key);
  return address >= 0 ? address | 0 : textOf(key);
}
