// Entries of the allow list that are made by hand: from their beginning to their end.

import { expect } from 'chai';
import { Blocks } from '../../src/blocks/blocks.ts';
import type { Change } from '../../src/blocks/changes.ts';
import { HOUR } from '../../src/values/duration.ts';
import { eventOf, START, termsOf } from './blocks-fixture.ts';

const HAND = { by: 'alice', why: 'ticket 4711' };

function allowed(): { readonly blocks: Blocks; readonly changes: Change[] } {
  const changes: Change[] = [];
  const blocks = new Blocks(termsOf(), (change) => changes.push(change));
  blocks.allow({ entry: '192.0.2.0/24', at: START, until: START + HOUR, hand: HAND });
  return { blocks, changes };
}

describe('blocks/allow-entries: an entry of the allow list by hand', () => {
  it('ends by its time: it is told once, by nobody, and its clients are counted and refused again', () => {
    const { blocks, changes } = allowed();
    for (const time of [1, 2, 3]) blocks.take(eventOf('192.0.2.1', time));
    blocks.expire(START + HOUR - 1);
    expect(blocks.allowEntries.covering('192.0.2.1')?.hand).to.deep.equal(HAND);
    expect(blocks.table.size).to.equal(0);
    blocks.expire(START + HOUR);
    blocks.expire(START + HOUR + 1);
    const until = START + HOUR;
    expect(changes).to.deep.equal([
      { type: 'allow', ip: '192.0.2.0/24', at: START, until, hand: HAND },
      { type: 'disallow', ip: '192.0.2.0/24', at: until, until, hand: undefined },
    ]);
    expect(blocks.allowEntries.all).to.deep.equal([]);
    for (const time of [1, 2, 3]) blocks.take(eventOf('192.0.2.1', HOUR + time));
    expect(blocks.refusing('192.0.2.1', () => undefined, START + HOUR + 4)?.rule.name).to.equal('auth');
  });

  it('that is taken back before its end does not end a second time', () => {
    const { blocks, changes } = allowed();
    expect(blocks.disallow('192.0.2.0/24', START + 5, HAND)).to.equal(true);
    blocks.expire(START + HOUR);
    expect(changes.map(({ type }) => type)).to.deep.equal(['allow', 'disallow']);
  });
});
