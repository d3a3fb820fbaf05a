// When a block begins and ends, what is counted meanwhile, and who is refused.

import { expect } from 'chai';
import { KINDS } from '../../src/blocks/events/event.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, Lake, START } from './lake.ts';

const IP = '192.0.2.1';
const WATCH = { ...AUTH, name: 'watch', limit: 2, blockFor: MINUTE, enforce: false };
const DROPS = { ...AUTH, name: 'drops', counts: ['dropped-connection'] as const, limit: 2 };

describe('a block', () => {
  it('begins with the limit-th event, at the time of that event, and is told with its rule, end and count', () => {
    const lake = new Lake().take(IP, [0, 1000]);
    expect(lake.changes).to.deep.equal([]);
    expect(lake.refusing(IP, 1000)).to.equal(undefined);
    lake.take(IP, [2000]);
    const [change] = lake.changes;
    expect(lake.told).to.deep.equal([`block ${IP} auth 2000`]);
    expect(change).to.include({ type: 'block', count: 3, enforced: true, first: START });
    expect(change).to.have.property('until', (change?.at ?? 0) + HOUR);
    expect(lake.refusing(IP, 2000)).to.equal('auth');
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
      expect(new Lake().take(IP, times).told).to.deep.equal(
        begins === undefined ? [] : [`block ${IP} auth ${begins}`],
      ));
  }

  it('needs events of the kinds that its rule counts, and takes them together where it counts several', () => {
    const both = { ...AUTH, counts: ['auth-failure', 'dropped-connection'] as const };
    const mixed = (lake: Lake) =>
      lake
        .take(IP, [0])
        .take(IP, [1], 'dropped-connection')
        .take(IP, [2, 2, 2, 2], 'rejected-message')
        .take(IP, [3]);
    expect(mixed(new Lake()).told).to.deep.equal([]);
    expect(mixed(new Lake({ rules: [both] })).told).to.deep.equal([`block ${IP} auth 3`]);
  });

  for (const kind of KINDS) {
    it(`can be had for ${kind}`, () => {
      const lake = new Lake({ rules: [{ ...AUTH, counts: [kind] }] });
      for (const other of KINDS) lake.take(IP, [0, 1, 2], other);
      expect(lake.told).to.deep.equal([`block ${IP} auth 2`]);
    });
  }

  it('is one an IP: the rule that comes first in policy.yml has it', () => {
    const first = { ...AUTH, name: 'first' };
    expect(new Lake({ rules: [first, AUTH] }).take(IP, [0, 1, 2, 3, 4, 5]).told).to.deep.equal([
      `block ${IP} first 2`,
    ]);
  });

  it('ends by itself, at the end of its time, however late that is noticed', () => {
    const lake = new Lake().take(IP, [0, 0, 0]).expire(HOUR - 1);
    expect(lake.refusing(IP, HOUR - 1)).to.equal('auth');
    expect(lake.refusing(IP, HOUR), 'before anybody noticed').to.equal(undefined);
    lake.expire(3 * HOUR).expire(4 * HOUR);
    expect(lake.told).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth ${HOUR} expired`]);
    expect(lake.refusing(IP, HOUR)).to.equal(undefined);
  });

  it('is ended by the first event after its time, which counts already', () => {
    const lake = new Lake().take(IP, [0, 0, 0, HOUR, HOUR + 1]);
    expect(lake.told).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth ${HOUR} expired`]);
    expect(lake.take(IP, [HOUR + 2]).told).to.have.lengthOf(3);
  });

  it('counts nothing while it runs, and leaves counts of zero when it ends', () => {
    const lake = new Lake({ rules: [AUTH, DROPS] })
      .take(IP, [0, 1], 'auth-failure')
      .take(IP, [2], 'dropped-connection');
    lake.take(IP, [3]);
    lake.take(IP, [HOUR - 3, HOUR - 2, HOUR - 1, HOUR + 2]).take(IP, [HOUR + 2], 'dropped-connection');
    expect(lake.told).to.deep.equal([`block ${IP} auth 3`]);
    expect(lake.counted(IP)).to.equal(0);
    lake.take(IP, [HOUR + 3, HOUR + 4]).take(IP, [HOUR + 5], 'dropped-connection');
    expect(lake.told).to.deep.equal([`block ${IP} auth 3`, `end ${IP} auth ${HOUR + 3} expired`]);
    expect(lake.counted(IP)).to.equal(3);
  });

  it('comes back for the full time if the abuse goes on', () => {
    const lake = new Lake().take(IP, [0, 0, 0, HOUR, HOUR, HOUR]);
    expect(lake.told.at(-1)).to.equal(`block ${IP} auth ${HOUR}`);
    expect(lake.refusing(IP, 2 * HOUR - 1)).to.equal('auth');
    expect(lake.refusing(IP, 2 * HOUR)).to.equal(undefined);
  });

  it('has none of the events before its end count after it, also when they are read late', () => {
    const lake = new Lake()
      .take(IP, [0, 0, 0])
      .expire(HOUR)
      .take(IP, [HOUR - 3, HOUR - 2, HOUR - 1, -5]);
    expect(lake.counted(IP)).to.equal(0);
    lake.take(IP, [HOUR + 1, HOUR - 1, HOUR + 2, HOUR - 1]);
    expect(lake.told).to.have.lengthOf(2);
    expect(lake.take(IP, [HOUR]).told.at(-1)).to.equal(`block ${IP} auth ${HOUR + 2}`);
  });

  it('is a matter of its own IP', () => {
    const lake = new Lake().take(IP, [0, 0]).take('192.0.2.2', [0, 0]).take('198.51.100.1', [0, 0, 0]);
    expect(lake.told).to.deep.equal(['block 198.51.100.1 auth 0']);
    expect(lake.refusing(IP, 1)).to.equal(undefined);
  });

  it('holds for IPv4 whether written alone or mapped into IPv6', () => {
    const lake = new Lake().take(IP, [0]).take(`::ffff:${IP}`, [1]).take('::ffff:c000:201', [2]);
    expect(lake.told).to.deep.equal([`block ${IP} auth 2`]);
    for (const address of [IP, `::ffff:${IP}`, '::FFFF:C000:201'])
      expect(lake.refusing(address, 3)).to.equal('auth');
  });

  it('holds for the whole IPv6 network that counts as one client, and no other', () => {
    const lake = new Lake()
      .take('2001:db8::1', [0])
      .take('2001:db8::2:0:0:1', [1])
      .take('2001:db8:0:1::1', [1]);
    lake.take('2001:DB8:0:0:ffff::', [2]);
    expect(lake.told).to.deep.equal(['block 2001:db8::/64 auth 2']);
    expect(lake.refusing('2001:db8::abcd', 3)).to.equal('auth');
    expect(lake.refusing('2001:db8:0:1::1', 3)).to.equal(undefined);
  });

  it('is not for what is no address', () => {
    const lake = new Lake().take('unknown', [0, 0, 0]).take('', [0, 0, 0]);
    expect(lake.told).to.deep.equal([]);
    expect(lake.blocks.table.size).to.equal(0);
    expect(lake.refusing('unknown', 0)).to.equal(undefined);
  });
});

describe('a rule with enforce: false', () => {
  it('tells what it would have blocked, and refuses nobody', () => {
    const lake = new Lake({ rules: [WATCH] }).take(IP, [0, 1]).expire(2 * HOUR);
    expect(lake.told).to.deep.equal([`block ${IP} watch 1`, `end ${IP} watch ${MINUTE + 1} expired`]);
    for (const change of lake.changes) expect(change.enforced).to.equal(false);
    expect(lake.refusing(IP, 2)).to.equal(undefined);
  });

  it('watches for the full time, then counts from zero', () => {
    const lake = new Lake({ rules: [WATCH] }).take(IP, [0, 0, 1, 2, MINUTE - 1, MINUTE]);
    expect(lake.told).to.deep.equal([`block ${IP} watch 0`, `end ${IP} watch ${MINUTE} expired`]);
    expect(lake.take(IP, [MINUTE - 1, MINUTE - 1, MINUTE + 1]).told.at(-1)).to.equal(
      `block ${IP} watch ${MINUTE + 1}`,
    );
  });

  it('takes nothing away from the rules that block, before or behind it', () => {
    for (const rules of [
      [WATCH, AUTH],
      [AUTH, WATCH],
    ]) {
      const lake = new Lake({ rules }).take(IP, [0, 1, 2]);
      expect(lake.told).to.deep.equal([`block ${IP} watch 1`, `block ${IP} auth 2`]);
      expect(lake.refusing(IP, 3)).to.equal('auth');
    }
  });

  it('watches beside other watching rules, each on its own', () => {
    const longer = { ...WATCH, name: 'longer', limit: 3, blockFor: HOUR };
    const lake = new Lake({ rules: [WATCH, longer] }).take(IP, [0, 1, 2, MINUTE + 1, MINUTE + 2]);
    expect(lake.told).to.deep.equal([
      `block ${IP} watch 1`,
      `block ${IP} longer 2`,
      `end ${IP} watch ${MINUTE + 1} expired`,
      `block ${IP} watch ${MINUTE + 2}`,
    ]);
  });
});

describe('the allow list', () => {
  const allow = ['198.51.100.0/24', '2001:db8::/32', '.good.example'];

  it('keeps its clients from being counted, by address or by verified name', () => {
    const lake = new Lake({ allow }).take('198.51.100.7', [0, 0, 0]).take('2001:db8:1::1', [0, 0, 0]);
    lake.take(IP, [0, 0, 0], 'auth-failure', 'mail.good.example').take('::ffff:198.51.100.7', [0, 0, 0]);
    expect(lake.told).to.deep.equal([]);
    expect(lake.blocks.table.size).to.equal(0);
  });

  it('is asked again when a client would be refused, for the name that it has then', () => {
    const lake = new Lake({ allow }).take(IP, [0, 0, 0]);
    expect(lake.refusing(IP, 1, 'mail.good.example')).to.equal(undefined);
    expect(lake.refusing(IP, 1, 'mail.bad.example')).to.equal('auth');
    expect(lake.refusing(IP, 1)).to.equal('auth');
  });

  it('spares one address of a blocked IPv6 network', () => {
    const lake = new Lake({ allow: ['2001:db8:9::1'] }).take('2001:db8:9::2', [0, 0, 0]);
    expect(lake.refusing('2001:db8:9::1', 1)).to.equal(undefined);
    expect(lake.refusing('2001:db8:9::3', 1)).to.equal('auth');
  });
});

describe('refusals of ours', () => {
  it('are tallied on the block that they came from, and told when it ends', () => {
    const lake = new Lake()
      .take(IP, [0, 0, 0])
      .refusal(IP, 5)
      .refusal(`::ffff:${IP}`, 9)
      .refusal('192.0.2.2', 9);
    const block = lake.blocks.table.get(IP)?.block;
    expect(block).to.include({ refused: 2 });
    expect((block?.lastRefused ?? 0) - (block?.firstRefused ?? 0)).to.equal(4);
    lake.expire(HOUR);
    expect(lake.changes.at(-1)).to.include({ type: 'end', refused: 2 });
  });

  it('know their first and their last, in whatever order they are read', () => {
    const lake = new Lake().take(IP, [0, 0, 0]).refusal(IP, 7).refusal(IP, 3).refusal(IP, 5);
    const { firstRefused = 0, lastRefused = 0, since = 0 } = lake.blocks.table.get(IP)?.block ?? {};
    expect([firstRefused - since, lastRefused - since]).to.deep.equal([3, 7]);
  });

  it('are never counted, and never bring a block about', () => {
    const lake = new Lake({
      rules: KINDS.map((kind) => ({ ...AUTH, name: kind, counts: [kind], limit: 1 })),
    });
    for (let i = 0; i < 50; i++) lake.refusal(IP, i);
    expect(lake.told).to.deep.equal([]);
    expect(lake.blocks.table.size).to.equal(0);
  });

  it('from before a block are none of its refusals', () => {
    const lake = new Lake().take(IP, [10, 10, 10]).refusal(IP, 9);
    expect(lake.blocks.table.get(IP)?.block?.refused).to.equal(0);
  });
});
