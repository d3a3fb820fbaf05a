// The ends of blocks come in order of time, whatever the order in which blocks began.

import { expect } from 'chai';
import fc from 'fast-check';
import { ExpiryHeap } from '../../../src/blocks/record/expiry-heap.ts';
import { ClientRecord } from '../../../src/blocks/table/record.ts';

function allDue(endings: ExpiryHeap, now: number): string[] {
  const keys: string[] = [];
  for (let due = endings.takeDue(now); due !== undefined; due = endings.takeDue(now)) keys.push(due.key);
  return keys;
}

describe('blocks/record/expiry-heap', () => {
  it('gives out nothing before its time, and then each end once, the earliest first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.array(fc.nat(50)), (untils, looks) => {
        const endings = new ExpiryHeap();
        for (const until of untils) endings.add(new ClientRecord(String(until)), until);
        let left = [...untils].sort((a, b) => a - b);
        for (const now of looks.sort((a, b) => a - b)) {
          expect(allDue(endings, now)).to.deep.equal(left.filter((until) => until <= now).map(String));
          left = left.filter((until) => until > now);
          expect(endings.size).to.equal(left.length);
        }
      }),
    );
  });

  it('takes up ends while others are given out', () => {
    const endings = new ExpiryHeap();
    endings.add(new ClientRecord('b'), 2);
    endings.add(new ClientRecord('a'), 1);
    expect(endings.takeDue(1)?.key).to.equal('a');
    endings.add(new ClientRecord('c'), 1);
    expect(allDue(endings, 2)).to.deep.equal(['c', 'b']);
  });

  it('forgets all when it is cleared', () => {
    const endings = new ExpiryHeap();
    endings.add(new ClientRecord('a'), 1);
    endings.clear();
    expect(endings.takeDue(1)).to.equal(undefined);
  });
});
