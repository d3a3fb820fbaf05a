// A client with good events as a snapshot has it, and as a walk gives it out.

import type { ShortKey } from '../table/key-words.ts';
import { LATEST, NEWEST } from './good-shard.ts';
import { type GoodTable, indexOf, type Slot } from './good-table.ts';
import { type GoodUsers, NO_USERS } from './good-users.ts';
import type { SlidingCounter } from './sliding-counter.ts';

/** A client as a snapshot has it. */
export interface SavedGoodClient {
  readonly key: ShortKey;
  /** s since 1970: of its newest good event, and of its newest accepted message or login, 0 where there is none */
  readonly latest: number;
  readonly newest: number;
  /** of each counter in turn: the sum of the period in which `latest` lies, and of the one before */
  readonly sums: readonly number[];
  /** users, and when each of them last logged in (ms since 1970), in turn */
  readonly users: readonly number[];
}

/** One object for all clients of a walk: an object for each of them would be garbage. */
export class GivenClient implements SavedGoodClient {
  key: ShortKey = '';
  latest = 0;
  newest = 0;
  readonly sums: number[];
  users: readonly number[] = NO_USERS;
  readonly #table: GoodTable;
  readonly #users: GoodUsers;
  readonly #counters: readonly SlidingCounter[];

  constructor(table: GoodTable, users: GoodUsers, counters: readonly SlidingCounter[]) {
    this.#table = table;
    this.#users = users;
    this.#counters = counters;
    this.sums = counters.flatMap(() => [0, 0]);
  }

  /** Takes over what is known of the client in this slot. */
  at(slot: Slot): this {
    const shard = this.#table.shardOf(slot);
    const index = indexOf(slot);
    this.key = shard.shortKey(index);
    this.latest = shard.get(index, LATEST);
    this.newest = shard.get(index, NEWEST);
    this.users = this.#users.list(slot);
    for (let i = 0; i < this.#counters.length; i++) {
      this.sums[2 * i] = this.#counters[i]?.current(slot) ?? 0;
      this.sums[2 * i + 1] = this.#counters[i]?.previous(slot) ?? 0;
    }
    return this;
  }
}
