// How long the n-th block of a client lasts, and what is kept for it.

import { expect } from 'chai';
import fc from 'fast-check';
import {
  formerAfter,
  lengthAfter,
  type RepeatingRule,
  withFormer,
} from '../../../src/blocks/record/former-blocks.ts';
import type { FormerBlock } from '../../../src/blocks/table/block.ts';
import { DAY, HOUR } from '../../../src/values/duration.ts';

const RULE: RepeatingRule = {
  name: 'auth',
  blockFor: DAY,
  enforce: true,
  repeat: { within: 30 * DAY, factor: 2, most: 14 * DAY },
};
const WATCHING: RepeatingRule = { ...RULE, enforce: false };

type List = readonly FormerBlock[] | undefined;

function listOf(...times: readonly number[]): List {
  return times.reduce<List>((list, time) => withFormer(list, RULE, time), undefined);
}

/** How many days a block lasts that starts on a day, after former blocks. */
function days(list: List, day: number, rule = RULE): number {
  return lengthAfter(list, rule, day * DAY) / DAY;
}

describe('blocks/record/former-blocks: the length of a block', () => {
  it('is multiplied by the factor for each former block within the time, up to the maximum', () => {
    expect(days(undefined, 50)).to.equal(1);
    expect(days(listOf(40 * DAY), 50)).to.equal(2);
    expect(days(listOf(40 * DAY, 41 * DAY), 50)).to.equal(4);
    expect(days(listOf(40 * DAY, 41 * DAY, 43 * DAY), 50)).to.equal(8);
    expect(days(listOf(40 * DAY, 41 * DAY, 43 * DAY, 47 * DAY), 50)).to.equal(14);
  });

  it('does not count a block that started the time or longer ago', () => {
    expect(days(listOf(20 * DAY), 50)).to.equal(1);
    expect(days(listOf(20 * DAY + 1), 50)).to.equal(2);
  });

  it('counts blocks of the same rule alone, watched ones for watched ones', () => {
    const list = listOf(40 * DAY, 41 * DAY);
    expect(days(list, 50, { ...RULE, name: 'other' })).to.equal(1);
    expect(days(list, 50, WATCHING)).to.equal(1);
    expect(days(withFormer(list, WATCHING, 42 * DAY), 50, WATCHING)).to.equal(2);
  });

  it('does not count a block that was lifted, or that lost its ground', () => {
    const list = listOf(40 * DAY, 41 * DAY);
    const [first, last] = [40, 41].map((day) => ({ rule: 'auth', since: day * DAY, enforced: true }));
    for (const reason of ['lifted', 'allow-listed', 'rule-removed', 'rule-changed']) {
      const rest = formerAfter(list, last as FormerBlock, reason);
      expect(days(rest, 50), reason).to.equal(2);
      expect(formerAfter(rest, first as FormerBlock, reason), reason).to.equal(undefined);
    }
    expect(days(formerAfter(list, { ...(last as FormerBlock), enforced: false }, 'lifted'), 50)).to.equal(4);
  });

  it('counts a block that ended by time, or for lack of room', () => {
    const list = listOf(40 * DAY);
    const block = { rule: 'auth', since: 40 * DAY, enforced: true };
    for (const reason of ['expired', 'no-room']) expect(formerAfter(list, block, reason)).to.equal(list);
  });

  it('counts no block that is stamped later', () => {
    expect(days(listOf(51 * DAY), 50)).to.equal(1);
  });

  it('is that of the rule where it has no repeat, or a block lasts longer than the maximum already', () => {
    const list = listOf(40 * DAY, 41 * DAY);
    expect(days(list, 50, { ...RULE, repeat: undefined })).to.equal(1);
    expect(days(list, 50, { ...RULE, blockFor: 20 * DAY })).to.equal(20);
  });
});

describe('blocks/record/former-blocks: what is kept', () => {
  it('is nothing where the rule has no repeat', () => {
    expect(withFormer(undefined, { ...RULE, repeat: undefined }, 1)).to.equal(undefined);
  });

  it('is no more than can lengthen a block', () => {
    const fine: RepeatingRule = {
      ...RULE,
      blockFor: 60_000,
      repeat: { within: 30 * DAY, factor: 1.001, most: DAY },
    };
    let list: List;
    let coarse: List;
    for (let i = 0; i < 500; i++) {
      list = withFormer(list, fine, i * HOUR);
      coarse = withFormer(coarse, RULE, i * HOUR);
    }
    expect(coarse).to.have.lengthOf(4);
    expect(list).to.have.lengthOf(100);
  });

  it('gives the same lengths as all former blocks, whatever their order, and however often each comes', () => {
    const starts = fc.array(fc.nat(60 * DAY), { maxLength: 20 });
    fc.assert(
      fc.property(starts, fc.integer({ min: 60, max: 100 }), (times, day) => {
        const all = times.map((since) => ({ rule: 'auth', since, enforced: true }));
        const kept = listOf(...times, ...times);
        const distinct = [...new Set(times)].map((since) => ({ ...(all[0] as FormerBlock), since }));
        expect(days(kept, day)).to.equal(days(distinct, day));
      }),
    );
  });
});
