// When a block begins and ends, what is counted meanwhile, and who is refused.

import { expect } from 'chai';
import { KINDS } from '../../src/blocks/events/event.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, BlocksFixture, START } from './blocks-fixture.ts';

const IP = '192.0.2.1';
const WATCH = { ...AUTH, name: 'watch', limit: 2, blockFor: MINUTE, enforce: false };
const DROPS = { ...AUTH, name: 'drops', counts: ['dropped-connection'] as const, limit: 2 };

describe('blocks/blocks: a block', () => {
  it('begins with the limit-th event, at the time of that event, and is told with its rule, end and count', () => {
    const fixture = new BlocksFixture().take(IP, [0, 1000]);
    expect(fixture.changes).to.deep.equal([]);
    expect(fixture.refusing(IP, 1000)).to.equal(undefined);
    fixture.take(IP, [2000]);
    const [change] = fixture.changes;
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 2000`]);
    expect(change).to.include({ type: 'block', count: 3, enforced: true, first: START });
    expect(change).to.have.property('until', (change?.at ?? 0) + HOUR);
    expect(fixture.refusing(IP, 2000)).to.equal('auth');
  });

  const windows: readonly [times: number[], begins: number | undefined, why: string][] = [
    [[0, 1, 10 * MINUTE - 1], 10 * MINUTE - 1, 'first and last less than `within` apart'],
    [[0, 1, 10 * MINUTE], undefined, 'first and last `within` apart'],
    [[0, 9 * MINUTE, 11 * MINUTE, 12 * MINUTE], 12 * MINUTE, 'the window slides'],
    [[0, 6 * MINUTE, 12 * MINUTE, 18 * MINUTE, 24 * MINUTE], undefined, 'never three in ten minutes'],
    [[5, 5, 5], 5, 'all at one moment'],
    [[2000, 0, 1000], 2000, 'lines out of order: event times count, not arrival times'],
    [
      [9 * MINUTE, 19 * MINUTE - 1, 10 * MINUTE],
      19 * MINUTE - 1,
      'a late line fills a window that ended before',
    ],
  ];
  for (const [times, begins, why] of windows) {
    const name = begins === undefined ? 'does not begin' : `begins at ${begins}`;
    it(`${name} for events at ${times.join(', ')} ms: ${why}`, () =>
      expect(new BlocksFixture().take(IP, times).reported).to.deep.equal(
        begins === undefined ? [] : [`block ${IP} auth ${begins}`],
      ));
  }

  it('needs events of the kinds that its rule counts, and takes them together where it counts several', () => {
    const both = { ...AUTH, counts: ['auth-failure', 'dropped-connection'] as const };
    const mixed = (fixture: BlocksFixture) =>
      fixture
        .take(IP, [0])
        .take(IP, [1], 'dropped-connection')
        .take(IP, [2, 2, 2, 2], 'rejected-message')
        .take(IP, [3]);
    expect(mixed(new BlocksFixture()).reported).to.deep.equal([]);
    expect(mixed(new BlocksFixture({ rules: [both] })).reported).to.deep.equal([`block ${IP} auth 3`]);
  });

  for (const kind of KINDS) {
    it(`can be had for ${kind}`, () => {
      const fixture = new BlocksFixture({ rules: [{ ...AUTH, counts: [kind] }] });
      for (const other of KINDS) fixture.take(IP, [0, 1, 2], other);
      expect(fixture.reported).to.deep.equal([`block ${IP} auth 2`]);
    });
  }

  it('is one an IP: the rule that comes first in policy.yml has it', () => {
    const first = { ...AUTH, name: 'first' };
    expect(new BlocksFixture({ rules: [first, AUTH] }).take(IP, [0, 1, 2, 3, 4, 5]).reported).to.deep.equal([
      `block ${IP} first 2`,
    ]);
  });

  it('ends by itself, at the end of its time, however late that is noticed', () => {
    const fixture = new BlocksFixture().take(IP, [0, 0, 0]).expire(HOUR - 1);
    expect(fixture.refusing(IP, HOUR - 1)).to.equal('auth');
    expect(fixture.refusing(IP, HOUR), 'before anybody noticed').to.equal(undefined);
    fixture.expire(3 * HOUR).expire(4 * HOUR);
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth ${HOUR} expired`]);
    expect(fixture.refusing(IP, HOUR)).to.equal(undefined);
  });

  it('is ended by the first event after its time, which counts already', () => {
    const fixture = new BlocksFixture().take(IP, [0, 0, 0, HOUR, HOUR + 1]);
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth ${HOUR} expired`]);
    expect(fixture.take(IP, [HOUR + 2]).reported).to.have.lengthOf(3);
  });

  it('counts nothing while it runs, and leaves counts of zero when it ends', () => {
    const fixture = new BlocksFixture({ rules: [AUTH, DROPS] })
      .take(IP, [0, 1], 'auth-failure')
      .take(IP, [2], 'dropped-connection');
    fixture.take(IP, [3]);
    fixture.take(IP, [HOUR - 3, HOUR - 2, HOUR - 1, HOUR + 2]).take(IP, [HOUR + 2], 'dropped-connection');
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 3`]);
    expect(fixture.counted(IP)).to.equal(0);
    fixture.take(IP, [HOUR + 3, HOUR + 4]).take(IP, [HOUR + 5], 'dropped-connection');
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 3`, `end ${IP} auth ${HOUR + 3} expired`]);
    expect(fixture.counted(IP)).to.equal(3);
  });

  it('comes back for the full time if the abuse goes on', () => {
    const fixture = new BlocksFixture().take(IP, [0, 0, 0, HOUR, HOUR, HOUR]);
    expect(fixture.reported.at(-1)).to.equal(`block ${IP} auth ${HOUR}`);
    expect(fixture.refusing(IP, 2 * HOUR - 1)).to.equal('auth');
    expect(fixture.refusing(IP, 2 * HOUR)).to.equal(undefined);
  });

  it('has none of the events before its end count after it, also when they are read late', () => {
    const fixture = new BlocksFixture()
      .take(IP, [0, 0, 0])
      .expire(HOUR)
      .take(IP, [HOUR - 3, HOUR - 2, HOUR - 1, -5]);
    expect(fixture.counted(IP)).to.equal(0);
    fixture.take(IP, [HOUR + 1, HOUR - 1, HOUR + 2, HOUR - 1]);
    expect(fixture.reported).to.have.lengthOf(2);
    expect(fixture.take(IP, [HOUR]).reported.at(-1)).to.equal(`block ${IP} auth ${HOUR + 2}`);
  });

  it('is a matter of its own IP', () => {
    const fixture = new BlocksFixture()
      .take(IP, [0, 0])
      .take('192.0.2.2', [0, 0])
      .take('198.51.100.1', [0, 0, 0]);
    expect(fixture.reported).to.deep.equal(['block 198.51.100.1 auth 0']);
    expect(fixture.refusing(IP, 1)).to.equal(undefined);
  });

  it('holds for IPv4 whether written alone or mapped into IPv6', () => {
    const fixture = new BlocksFixture().take(IP, [0]).take(`::ffff:${IP}`, [1]).take('::ffff:c000:201', [2]);
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 2`]);
    for (const address of [IP, `::ffff:${IP}`, '::FFFF:C000:201'])
      expect(fixture.refusing(address, 3)).to.equal('auth');
  });

  it('holds for the whole IPv6 network that counts as one client, and no other', () => {
    const fixture = new BlocksFixture()
      .take('2001:db8::1', [0])
      .take('2001:db8::2:0:0:1', [1])
      .take('2001:db8:0:1::1', [1]);
    fixture.take('2001:DB8:0:0:ffff::', [2]);
    expect(fixture.reported).to.deep.equal(['block 2001:db8::/64 auth 2']);
    expect(fixture.refusing('2001:db8::abcd', 3)).to.equal('auth');
    expect(fixture.refusing('2001:db8:0:1::1', 3)).to.equal(undefined);
  });

  it('is not for what is no address', () => {
    const fixture = new BlocksFixture().take('unknown', [0, 0, 0]).take('', [0, 0, 0]);
    expect(fixture.reported).to.deep.equal([]);
    expect(fixture.blocks.table.size).to.equal(0);
    expect(fixture.refusing('unknown', 0)).to.equal(undefined);
  });
});

describe('blocks/blocks: a rule with enforce: false', () => {
  it('tells what it would have blocked, and refuses nobody', () => {
    const fixture = new BlocksFixture({ rules: [WATCH] }).take(IP, [0, 1]).expire(2 * HOUR);
    expect(fixture.reported).to.deep.equal([`block ${IP} watch 1`, `end ${IP} watch ${MINUTE + 1} expired`]);
    for (const change of fixture.changes) expect(change.enforced).to.equal(false);
    expect(fixture.refusing(IP, 2)).to.equal(undefined);
  });

  it('watches for the full time, then counts from zero', () => {
    const fixture = new BlocksFixture({ rules: [WATCH] }).take(IP, [0, 0, 1, 2, MINUTE - 1, MINUTE]);
    expect(fixture.reported).to.deep.equal([`block ${IP} watch 0`, `end ${IP} watch ${MINUTE} expired`]);
    expect(fixture.take(IP, [MINUTE - 1, MINUTE - 1, MINUTE + 1]).reported.at(-1)).to.equal(
      `block ${IP} watch ${MINUTE + 1}`,
    );
  });

  it('takes nothing away from the rules that block, before or behind it', () => {
    for (const rules of [
      [WATCH, AUTH],
      [AUTH, WATCH],
    ]) {
      const fixture = new BlocksFixture({ rules }).take(IP, [0, 1, 2]);
      expect(fixture.reported).to.deep.equal([`block ${IP} watch 1`, `block ${IP} auth 2`]);
      expect(fixture.refusing(IP, 3)).to.equal('auth');
    }
  });

  it('watches beside other watching rules, each on its own', () => {
    const longer = { ...WATCH, name: 'longer', limit: 3, blockFor: HOUR };
    const fixture = new BlocksFixture({ rules: [WATCH, longer] }).take(IP, [0, 1, 2, MINUTE + 1, MINUTE + 2]);
    expect(fixture.reported).to.deep.equal([
      `block ${IP} watch 1`,
      `block ${IP} longer 2`,
      `end ${IP} watch ${MINUTE + 1} expired`,
      `block ${IP} watch ${MINUTE + 2}`,
    ]);
  });
});

describe('blocks/blocks: the allow list', () => {
  const allow = ['198.51.100.0/24', '2001:db8::/32', '.good.example'];

  it('keeps its clients from being counted, by address or by verified name', () => {
    const fixture = new BlocksFixture({ allow })
      .take('198.51.100.7', [0, 0, 0])
      .take('2001:db8:1::1', [0, 0, 0]);
    fixture.take(IP, [0, 0, 0], 'auth-failure', 'mail.good.example').take('::ffff:198.51.100.7', [0, 0, 0]);
    expect(fixture.reported).to.deep.equal([]);
    expect(fixture.blocks.table.size).to.equal(0);
  });

  it('is asked again when a client would be refused, for the name that it has then', () => {
    const fixture = new BlocksFixture({ allow }).take(IP, [0, 0, 0]);
    expect(fixture.refusing(IP, 1, 'mail.good.example')).to.equal(undefined);
    expect(fixture.refusing(IP, 1, 'mail.bad.example')).to.equal('auth');
    expect(fixture.refusing(IP, 1)).to.equal('auth');
  });

  it('spares one address of a blocked IPv6 network', () => {
    const fixture = new BlocksFixture({ allow: ['2001:db8:9::1'] }).take('2001:db8:9::2', [0, 0, 0]);
    expect(fixture.refusing('2001:db8:9::1', 1)).to.equal(undefined);
    expect(fixture.refusing('2001:db8:9::3', 1)).to.equal('auth');
  });
});

describe('blocks/blocks: refusals of ours', () => {
  it('are tallied on the block that they came from, and told when it ends', () => {
    const fixture = new BlocksFixture()
      .take(IP, [0, 0, 0])
      .refusal(IP, 5)
      .refusal(`::ffff:${IP}`, 9)
      .refusal('192.0.2.2', 9);
    const block = fixture.blocks.table.get(IP)?.block;
    expect(block).to.include({ refused: 2 });
    expect((block?.lastRefused ?? 0) - (block?.firstRefused ?? 0)).to.equal(4);
    fixture.expire(HOUR);
    expect(fixture.changes.at(-1)).to.include({ type: 'end', refused: 2 });
  });

  it('know their first and their last, in whatever order they are read', () => {
    const fixture = new BlocksFixture().take(IP, [0, 0, 0]).refusal(IP, 7).refusal(IP, 3).refusal(IP, 5);
    const { firstRefused = 0, lastRefused = 0, since = 0 } = fixture.blocks.table.get(IP)?.block ?? {};
    expect([firstRefused - since, lastRefused - since]).to.deep.equal([3, 7]);
  });

  it('are never counted, and never bring a block about', () => {
    const fixture = new BlocksFixture({
      rules: KINDS.map((kind) => ({ ...AUTH, name: kind, counts: [kind], limit: 1 })),
    });
    for (let i = 0; i < 50; i++) fixture.refusal(IP, i);
    expect(fixture.reported).to.deep.equal([]);
    expect(fixture.blocks.table.size).to.equal(0);
  });

  it('from before a block are none of its refusals', () => {
    const fixture = new BlocksFixture().take(IP, [10, 10, 10]).refusal(IP, 9);
    expect(fixture.blocks.table.get(IP)?.block?.refused).to.equal(0);
  });
});
