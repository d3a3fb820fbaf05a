// A table that is too small, against one without a bound: a client that is not evicted is counted as if there were no bound.

import { expect } from 'chai';
import fc from 'fast-check';
import { maxPinnedWeight } from '../../../src/blocks/table/eviction.ts';
import type { ClientRecord } from '../../../src/blocks/table/record.ts';
import type { Table } from '../../../src/blocks/table/table.ts';
import { HOUR, MINUTE } from '../../../src/values/duration.ts';
import { BlocksFixture, START, stateOf } from '../blocks-fixture.ts';

const step = fc.record({
  do: fc.constantFrom('event', 'event', 'event', 'knock', 'expire', 'forget', 'impose', 'lift'),
  client: fc.nat(15),
  gap: fc.oneof(fc.constantFrom(0, 1, MINUTE), fc.nat(5 * MINUTE)),
});
const HAND = { by: 'alice', why: 'ticket 4711' };

function act(fixture: BlocksFixture, { do: what, key, at }: { do: string; key: string; at: number }): void {
  if (what === 'event') fixture.take(key, [at]);
  else if (what === 'knock') fixture.refusal(key, at);
  else if (what === 'expire') fixture.expire(at);
  else if (what === 'forget') fixture.blocks.forget(START + at);
  else if (what === 'impose') fixture.blocks.impose(key, 'auth', START + at, START + at + HOUR, HAND);
  else fixture.blocks.lift(key, START + at, HAND, undefined);
}

/** Ends the block of a client in the table without a bound, as an eviction ended it in the other one. */
function evict(table: Table, key: string, at: number): void {
  const record = table.get(key);
  if (record === undefined) return;
  table.update(record, () => {
    record.block = undefined;
    record.events = [];
    record.floor = at;
  });
}

/** The two tables side by side. */
class Pair {
  readonly bounded: BlocksFixture;
  readonly free = new BlocksFixture({ maxTracked: 1e6 });
  readonly #maxTracked: number;
  readonly #seen = new Map<string, number>();
  #told = 0;

  constructor(maxTracked: number) {
    this.#maxTracked = maxTracked;
    this.bounded = new BlocksFixture({ maxTracked });
  }

  step(what: string, client: number, at: number, number: number): void {
    const key = `192.0.2.${client}`;
    for (const fixture of [this.bounded, this.free]) act(fixture, { do: what, key, at });
    this.#follow();
    const { table } = this.bounded.blocks;
    if (what === 'event') expect(table.get(key), 'whoever comes is counted').not.to.equal(undefined);
    if (what === 'event' || what === 'knock' || what === 'impose') this.#seen.set(key, number);
    expect(table.size).to.be.at.most(this.#maxTracked);
    expect(table.pinnedWeight).to.be.at.most(maxPinnedWeight(this.#maxTracked));
    for (let i = 0; i <= 15; i++) this.#compare(`192.0.2.${i}`);
  }

  /** Ends in the table without a bound the blocks that were evicted; no other block may have ended. */
  #follow(): void {
    for (const change of this.bounded.changes.slice(this.#told)) {
      if (change.type !== 'end' || change.reason !== 'no-room') continue;
      const others = [...this.bounded.blocks.table.pinnedRecords()].filter(({ block }) => !block?.hand);
      const last = this.#seen.get(change.ip) ?? 0;
      for (const { key } of others) expect(this.#seen.get(key) ?? Infinity, `${key}`).to.be.above(last);
      evict(this.#freeTable, change.ip, change.at);
    }
    this.#told = this.bounded.changes.length;
  }

  /** Readers get a view of the table: an eviction in the other one is repeated here behind it. */
  get #freeTable(): Table {
    return this.free.blocks.table as Table;
  }

  #compare(key: string): void {
    const [bounded, free] = [this.bounded, this.free].map(({ blocks }) => blocks.table.get(key));
    if (bounded === undefined && free !== undefined) {
      expect(free.block, `the block of ${key}`).to.equal(undefined);
      this.#freeTable.remove(free as ClientRecord);
    } else expect(bounded && stateOf(bounded), key).to.deep.equal(free && stateOf(free));
  }
}

describe('blocks/table/crowded: a table that is too small', () => {
  it('counts whoever was not forgotten like one without a bound, keeps blocks, and counts whoever comes', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 150 }),
        fc.integer({ min: 2, max: 12 }),
        (steps, maxTracked) => {
          const pair = new Pair(maxTracked);
          let at = 0;
          for (const [number, { do: what, client, gap }] of steps.entries()) {
            at += gap;
            // Blocks by hand never go: so many of them would fill the table.
            const isTooMany = what === 'impose' && pair.bounded.blocks.table.pinned >= maxTracked / 2;
            if (!isTooMany) pair.step(what, client, at, number);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
