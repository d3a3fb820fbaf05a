// Fills the blocks with what a snapshot held. Nothing of it is reported.

import type { SavedAllowEntry } from './allow-entries.ts';
import type { SavedCounter } from './good/good-counters.ts';
import type { SavedGoodClient } from './good/saved-good-client.ts';
import type { Judging } from './judging.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Lookup } from './lookup.ts';
import type { Redo } from './redo.ts';
import type { SavedBreaker } from './sparing/breaker.ts';
import { isAwaited } from './table/block.ts';
import { type ShortKey, textOf } from './table/key-words.ts';
import type { RecordState } from './table/record-state.ts';

/** What takes part in it. */
export interface LoadedParts {
  readonly life: Lifecycle;
  readonly lookup: Lookup;
  readonly judging: Judging;
  readonly redo: Redo;
}

export class Loading {
  readonly #parts: LoadedParts;

  constructor(parts: LoadedParts) {
    this.#parts = parts;
  }

  /** Adds a client. @returns false where it is there already: the blocks are unusable then */
  client(short: ShortKey, state: RecordState): boolean {
    const { life, lookup, redo } = this.#parts;
    if (!life.table.load(short, state)) return false;
    if (state.isOnlyCounted) return true;
    const key = textOf(short);
    const { block, watches = [], floor = 0 } = state;
    if (block !== undefined || floor > 0) lookup.addPrefixOf(key);
    const record = block === undefined && watches.length === 0 ? undefined : life.table.get(key);
    if (record === undefined) return true;
    for (const { until } of [block ?? [], watches].flat()) life.expiries.add(record, until);
    if (block !== undefined && isAwaited(block)) redo.await(key);
    return true;
  }

  /**
   * Takes the counters of good events, before the good clients.
   * @param written ms since 1970: when it was begun
   * @param expected number of the good clients, where that is known
   */
  goodCounters(counters: readonly SavedCounter[], written: number, expected?: number): void {
    this.#parts.life.good.loadCounters(counters, written, expected);
  }

  /** Adds a client with good events. @returns false where it is there already: the blocks are unusable then */
  goodClient(client: SavedGoodClient): boolean {
    return this.#parts.life.good.load(client);
  }

  /** Adds the allow entries made by hand: those in force, and ended ones. */
  allowEntries(inForce: readonly SavedAllowEntry[], ended: readonly SavedAllowEntry[]): void {
    this.#parts.life.allowEntries.restore(inForce, ended);
  }

  breaker(saved: SavedBreaker): void {
    this.#parts.life.breaker.load(saved);
  }

  /** Removes everything: what was loaded is unusable. */
  clear(): void {
    const { life, lookup, judging } = this.#parts;
    life.clear();
    judging.clear();
    lookup.clear();
  }
}
