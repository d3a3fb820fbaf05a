// Clients that reach a limit while a server decides, which then does not answer any more.

import { expect } from 'chai';
import { BlocksFixture, START } from '../blocks-fixture.ts';

const IP = '192.0.2.1';
const ALONE = { isOn: true, decides: false };
const SHARED = { isOn: true, decides: true };

function sharing(): BlocksFixture {
  const fixture = new BlocksFixture();
  fixture.blocks.shared = SHARED;
  return fixture;
}

describe('blocks/sparing/deferred: a client at its limit, of which the server has said nothing', () => {
  it('is blocked once this host decides, without another event', () => {
    const fixture = sharing().take(IP, [0, 1, 2]).expire(3);
    expect(fixture.reported).to.deep.equal([]);
    fixture.blocks.shared = ALONE;
    fixture.expire(4);
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 2`]);
  });

  it('is left to the server where that has counted its events', () => {
    const fixture = sharing().take(IP, [0, 1, 2]);
    fixture.blocks.decided(IP, START + 2);
    fixture.blocks.shared = ALONE;
    fixture.expire(4);
    expect(fixture.reported).to.deep.equal([]);
    fixture.take(IP, [5]);
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 5`]);
  });

  it('is judged by the events alone that the server has not counted', () => {
    const fixture = sharing().take(IP, [0, 1, 2, 3]);
    fixture.blocks.decided(IP, START + 2);
    fixture.blocks.shared = ALONE;
    fixture.expire(4);
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 3`]);
  });

  it('is not blocked where its block was lifted, or it is allowed or in grace meanwhile', () => {
    const hand = { by: 'root', why: 'a customer' };
    const fixture = sharing();
    const others = ['192.0.2.2', '192.0.2.3'] as const;
    for (const ip of [IP, ...others]) fixture.take(ip, [0, 1, 2]);
    const at = START + 3;
    fixture.blocks.apply({
      type: 'end',
      ip: IP,
      rule: 'auth',
      at,
      since: at,
      reason: 'lifted',
      refused: 0,
      enforced: true,
      hand,
    });
    fixture.blocks.apply({ type: 'grace', ip: others[0], at: START - 1, until: at, hand });
    fixture.blocks.allow({ entry: others[1], at, until: at + 1000, hand });
    fixture.blocks.shared = ALONE;
    fixture.expire(4);
    expect(fixture.reported).to.deep.equal([]);
  });

  it('is one of 10,000 at most, of which each call judges some hundreds', () => {
    const fixture = new BlocksFixture({ maxTracked: 20_000 });
    fixture.blocks.shared = SHARED;
    for (let i = 0; i < 10_010; i++) fixture.take(`10.0.${i >> 8}.${i & 255}`, [i, i, i]);
    fixture.blocks.shared = ALONE;
    expect(fixture.blocks.expire(START + 20_000)).to.equal(true);
    expect(fixture.changes.length).to.be.within(1, 1000);
    while (fixture.blocks.expire(START + 20_000));
    expect(fixture.changes).to.have.length(10_000);
  });
});
