// How much is remembered: max-tracked, what goes first, and when counts are forgotten.

import { expect } from 'chai';
import fc from 'fast-check';
import { HOUR, MINUTE, SECOND } from '../../src/values/duration.ts';
import { AUTH, BlocksFixture, START, statesOf } from './blocks-fixture.ts';

const at = (time: number): number => START + time;
const keysOf = (fixture: BlocksFixture): string[] => [...statesOf(fixture.blocks).keys()].sort();

describe('blocks/bounds: max-tracked', () => {
  it('lets the client go that has the fewest events, and of those the one seen longest ago', () => {
    const fixture = new BlocksFixture({ maxTracked: 3 })
      .take('192.0.2.1', [0, 1])
      .take('192.0.2.2', [2])
      .take('192.0.2.3', [3]);
    expect(keysOf(fixture.take('192.0.2.4', [4]))).to.deep.equal(['192.0.2.1', '192.0.2.3', '192.0.2.4']);
    expect(keysOf(fixture.take('192.0.2.5', [5]))).to.deep.equal(['192.0.2.1', '192.0.2.4', '192.0.2.5']);
    expect(fixture.blocks.table.evicted).to.equal(2);
  });

  it('counts whoever is new, however many are blocked: of eight clients one may always be one that is not', () => {
    const fixture = new BlocksFixture({ maxTracked: 16 });
    for (let i = 0; i < 14; i++) fixture.take(`192.0.2.${i}`, [i, i, i]);
    for (let i = 0; i < 200; i++) {
      fixture.take(`198.51.100.${i}`, [100]);
      expect(fixture.counted(`198.51.100.${i}`), `${i}`).to.equal(1);
    }
    fixture.take('198.51.100.199', [101, 102]);
    expect(fixture.refusing('198.51.100.199', 103)).to.equal('auth');
    expect(fixture.reported.filter((line) => line.startsWith('end'))).to.have.lengthOf(1);
  });

  it('ends the block of the client that has been silent for longest, where more are blocked than may be', () => {
    const fixture = new BlocksFixture({ maxTracked: 8 });
    for (let i = 0; i < 7; i++) fixture.take(`192.0.2.${i}`, [i, i, i]);
    fixture.refusal('192.0.2.0', 20).take('192.0.2.7', [30, 30, 30]);
    expect(fixture.reported.slice(-2)).to.deep.equal([
      'block 192.0.2.7 auth 30',
      'end 192.0.2.1 auth 30 no-room',
    ]);
    expect(fixture.refusing('192.0.2.0', 31)).to.equal('auth');
    // It counts like anybody else from then on.
    fixture.take('192.0.2.1', [29, 29, 29, 31, 31]);
    expect(fixture.refusing('192.0.2.1', 32)).to.equal(undefined);
    fixture.take('192.0.2.1', [32]);
    expect(fixture.refusing('192.0.2.1', 33)).to.equal('auth');
  });

  it('ends no block by hand, and none that is over, for want of room', () => {
    const fixture = new BlocksFixture({ maxTracked: 8 });
    fixture.blocks.impose('192.0.2.0', 'auth', at(0), at(100 * HOUR), { by: 'alice', why: 'ticket 4711' });
    for (let i = 1; i < 7; i++) fixture.take(`192.0.2.${i}`, [i, i, i]);
    fixture.take('192.0.2.7', [HOUR + 1, HOUR + 1, HOUR + 1]);
    expect(fixture.reported.slice(-2)).to.deep.equal([
      `block 192.0.2.7 auth ${HOUR + 1}`,
      `end 192.0.2.1 auth ${HOUR + 1} expired`,
    ]);
    for (let i = 10; i < 30; i++) fixture.take(`192.0.2.${i}`, [HOUR + i, HOUR + i, HOUR + i]);
    expect(fixture.refusing('192.0.2.0', HOUR + 40)).to.equal('auth');
    expect(fixture.blocks.table.pinned).to.equal(7);
  });

  it('bounds what watched clients go on to do as well', () => {
    const rules = [
      { ...AUTH, limit: 10_000, within: HOUR },
      { ...AUTH, name: 'watch', enforce: false },
    ];
    const fixture = new BlocksFixture({ rules, maxTracked: 100 });
    for (let i = 0; i < 40; i++) fixture.take(`192.0.2.${i}`, [0, 0, 0]);
    for (let round = 1; round < 20; round++)
      for (let i = 0; i < 40; i++) fixture.take(`192.0.2.${i}`, new Array<number>(16).fill(round));
    expect(fixture.blocks.table.pinnedWeight).to.be.at.most(88);
    expect(fixture.reported).to.include('end 192.0.2.0 watch 2 no-room');
  });

  it('lets nobody keep new clients out by coming twice from many addresses', () => {
    const fixture = new BlocksFixture({ rules: [{ ...AUTH, limit: 30, within: HOUR }], maxTracked: 800 });
    for (let i = 0; i < 2000; i++) fixture.take(`10.0.${i >> 8}.${i & 255}`, [0, 1]);
    // The abuser comes at every tenth event; in between come others who are new.
    for (let i = 0; i < 300; i++) {
      fixture.take(i % 10 === 0 ? '192.0.2.1' : `10.1.${i >> 8}.${i & 255}`, [2 + i]);
      if (i % 10 !== 0) fixture.take(`10.1.${i >> 8}.${i & 255}`, [2 + i]);
    }
    expect(fixture.refusing('192.0.2.1', 400)).to.equal('auth');
  });

  it('has room again when blocks end', () => {
    const fixture = new BlocksFixture({ maxTracked: 1 })
      .take('192.0.2.1', [0, 0, 0])
      .expire(HOUR)
      .take('192.0.2.2', [HOUR]);
    expect(keysOf(fixture)).to.deep.equal(['192.0.2.2']);
  });

  it('may be lowered by a reload: blocks stay, counts go', () => {
    const fixture = new BlocksFixture().take('192.0.2.1', [0, 0, 0]).take('192.0.2.2', [0, 0, 0]);
    for (let i = 0; i < 50; i++) fixture.take(`198.51.100.${i}`, [i]);
    fixture.adopt({ maxTracked: 3 }, 60).take('203.0.113.1', [61, 62]);
    // Not in one go: a million at once would keep verdicts waiting.
    fixture.blocks.forget(62);
    expect(keysOf(fixture)).to.deep.equal(['192.0.2.1', '192.0.2.2', '203.0.113.1']);
  });

  it('may be lower at the next start than the number of blocks: they all come back', () => {
    const before = new BlocksFixture();
    for (let i = 0; i < 9; i++) before.take(`192.0.2.${i}`, [0, 0, 0]).take(`198.51.100.${i}`, [0]);
    const after = new BlocksFixture({ maxTracked: 4 });
    for (const [key, state] of statesOf(before.blocks)) after.blocks.loading.client(key, state);
    for (let i = 0; i < 9; i++) expect(after.refusing(`192.0.2.${i}`, 1), `192.0.2.${i}`).to.equal('auth');
  });

  it('bounds clients of many events as several, so that it bounds memory', () => {
    const fixture = new BlocksFixture({ rules: [{ ...AUTH, limit: 10_000, within: HOUR }], maxTracked: 100 });
    for (let i = 0; i < 100; i++) fixture.take(`192.0.2.${i}`, [0]);
    fixture.take('192.0.2.99', new Array<number>(800).fill(1));
    expect(fixture.counted('192.0.2.99')).to.equal(801);
    expect(fixture.blocks.table.size).to.be.within(40, 60);
  });

  it('is kept for any river of events', () => {
    const times = fc.array(fc.tuple(fc.nat(20), fc.nat(100)), { maxLength: 300 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 10 }), (events, maxTracked) => {
        const fixture = new BlocksFixture({ maxTracked });
        for (const [client, time] of events) {
          fixture.take(`192.0.2.${client}`, [time * MINUTE]);
          expect(fixture.blocks.table.size).to.be.at.most(maxTracked);
        }
        const running = new Map<string, number>();
        for (const { type, ip } of fixture.changes)
          running.set(ip, (running.get(ip) ?? 0) + (type === 'block' ? 1 : -1));
        for (const [ip, blocks] of running)
          expect(fixture.blocks.table.get(ip)?.block ? 1 : 0).to.equal(blocks);
      }),
    );
  });
});

describe('blocks/bounds: forgetting', () => {
  const gone = 10 * MINUTE + 60 * SECOND;

  it('lets a count go when no later event can need it, a minute of lateness included', () => {
    const fixture = new BlocksFixture().take('192.0.2.1', [0]);
    fixture.blocks.forget(at(gone));
    expect(fixture.blocks.table.size).to.equal(1);
    fixture.blocks.forget(at(gone + 1));
    expect(fixture.blocks.table.size).to.equal(0);
  });

  it('keeps the end of a block as long, so that events before it go on not to count', () => {
    const fixture = new BlocksFixture().take('192.0.2.1', [0, 0, 0]).expire(HOUR);
    fixture.blocks.forget(at(HOUR + gone));
    fixture.take('192.0.2.1', [HOUR - 1, HOUR - 1, HOUR - 1]);
    expect(fixture.reported).to.have.lengthOf(2);
    fixture.blocks.forget(at(HOUR + gone + 1));
    expect(fixture.blocks.table.size).to.equal(0);
  });

  it('keeps the end of a watched block as long, so that events before it go on not to count for its rule', () => {
    const rules = [{ ...AUTH, enforce: false }];
    const fixture = new BlocksFixture({ rules }).take('192.0.2.1', [0, 0, 0]).expire(HOUR);
    fixture.blocks.forget(at(HOUR + gone));
    fixture.take('192.0.2.1', [HOUR - 1, HOUR - 1, HOUR - 1]);
    expect(fixture.reported).to.have.lengthOf(2);
    fixture.blocks.forget(at(HOUR + gone + 1));
    expect(fixture.blocks.table.size).to.equal(0);
  });

  it('never lets a running block go, enforced or watched', () => {
    const fixture = new BlocksFixture({
      rules: [AUTH, { ...AUTH, name: 'watch', limit: 2, enforce: false }],
    });
    fixture.take('192.0.2.1', [0, 0, 0]).take('192.0.2.2', [0, 0]);
    fixture.blocks.forget(at(1000 * HOUR));
    expect(keysOf(fixture)).to.deep.equal(['192.0.2.1', '192.0.2.2']);
  });

  it('does not change what is blocked, however often it happens between events in order', () => {
    const gaps = fc.array(fc.tuple(fc.nat(3), fc.nat(6)), { maxLength: 80 });
    fc.assert(
      fc.property(gaps, (events) => {
        const [plain, forgetful] = [new BlocksFixture(), new BlocksFixture()];
        let time = 0;
        for (const [client, gap] of events) {
          time += gap * MINUTE;
          plain.take(`192.0.2.${client}`, [time]);
          forgetful.blocks.forget(at(time));
          forgetful.take(`192.0.2.${client}`, [time]);
        }
        expect(forgetful.reported).to.deep.equal(plain.reported);
      }),
    );
  });
});

describe('blocks/bounds: noticing the end of blocks', () => {
  it('reaches each of many blocks, in as many calls as it asks for', () => {
    const fixture = new BlocksFixture({ rules: [{ ...AUTH, limit: 1 }], maxTracked: 10_000 });
    for (let i = 0; i < 5000; i++) fixture.take(`10.0.${i >> 8}.${i & 255}`, [0]);
    while (fixture.blocks.expire(at(HOUR)));
    expect(fixture.blocks.table.pinned).to.equal(0);
    expect(fixture.reported.filter((line) => line.startsWith('end'))).to.have.lengthOf(5000);
  });
});
