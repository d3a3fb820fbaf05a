// What was done by hand, and what the trail tells beside it, holds over crashes: the ways in which it might not.

import { expect } from 'chai';
import { evidenceIn } from '../../src/blocks/table/note-forms.ts';
import { changeOf } from '../../src/state/audit.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, termsOf } from './blocks-fixture.ts';
import { type Act, Host, type Line } from './history.ts';

const IP = '192.0.2.1';
const IPV6 = '2001:db8:0:1::5';
const WATCHING = { ...AUTH, name: 'watch', enforce: false };

const unblock = (client = IP): Act => ({ what: 'unblock', client, grace: undefined });
const block = (client = IP): Act => ({ what: 'block', client, rule: 'auth', length: HOUR });
const allow = (length: number): Act => ({ what: 'allow', network: '192.0.2.0/24', length });
const disallow: Act = { what: 'disallow', network: '192.0.2.0/24' };

function failures(times: readonly number[], client = IP): Line[] {
  return times.map((time) => ({ client, kind: 'auth-failure', time }));
}

/** A daemon that has read its log. */
function reading(log: readonly Line[], now: number, policy: Parameters<typeof termsOf>[0] = {}): Host {
  const host = new Host(termsOf(policy), log);
  host.read(log.length, now);
  return host;
}

/** Each line of the trail as `end 192.0.2.1 auth lifted`. */
function trailOf({ entries }: Host): string[] {
  return entries.map(({ event, ip, rule, reason }) => [event, ip, rule, reason].filter(Boolean).join(' '));
}

const BLOCKED = 'block 192.0.2.1 auth';
const LIFTED = 'end 192.0.2.1 auth lifted';

describe('blocks/redo: after a crash', () => {
  it('a lift is not done again to a block by hand that came later, over two crashes', () => {
    const host = reading(failures([1, 2, 3]), 3);
    host.act(unblock(), 4);
    host.crash(5);
    host.act(block(), 6);
    host.snapshot();
    host.crash(7);
    expect(host.refuses(IP, 8)).to.equal(true);
    host.read(3, 8);
    host.tick(8);
    expect(host.refuses(IP, 9)).to.equal(true);
    expect(trailOf(host)).to.deep.equal([BLOCKED, LIFTED, BLOCKED]);
  });

  it('a lift is not done again to a block by new abuse', () => {
    const log = failures([1, 2, 3]);
    const host = reading(log, 3);
    host.act(unblock(), 4);
    host.crash(5);
    log.push(...failures([6, 7, 8]));
    host.read(6, 8);
    host.snapshot();
    host.crash(9);
    expect(host.refuses(IP, 10)).to.equal(true);
    expect(trailOf(host)).to.deep.equal([BLOCKED, LIFTED, BLOCKED]);
  });

  it('a block that began after the snapshot and was lifted does not come again when its lines are read again', () => {
    const host = reading(failures([1, 2, 3]), 3);
    host.act(unblock(), 4);
    host.crash(5);
    host.read(2, 5);
    host.snapshot();
    host.crash(6);
    host.read(3, 6);
    host.tick(6);
    expect(host.refuses(IP, 7)).to.equal(false);
    expect(trailOf(host)).to.deep.equal([BLOCKED, LIFTED]);
  });

  it('a lifted block does not come again where the stamps of the log are ahead of the clock', () => {
    const host = reading(failures([20_001, 20_002, 20_003]), 3);
    host.act(unblock(), 4);
    host.crash(5);
    host.read(3, 5);
    expect(host.refuses(IP, 6)).to.equal(false);
    expect(trailOf(host)).to.deep.equal([BLOCKED, LIFTED]);
    expect(host.entries[1]?.at, 'no end before its beginning').to.equal(host.entries[1]?.since);
  });

  it('a block stands from the first verdict on, and has its evidence once the log has been read', () => {
    const host = reading(failures([1, 2, 3, 4]), 4);
    host.flush();
    host.crash(5);
    expect(host.refuses(IP, 5)).to.equal(true);
    host.read(4, 6);
    const found = host.blocks.recordOf(IP);
    expect(found?.block).to.deep.include({ count: 3, counts: { 'auth-failure': 3 } });
    expect(evidenceIn(found?.block?.evidence).map(({ line }) => line)).to.deep.equal([
      'auth-failure at 1',
      'auth-failure at 2',
      'auth-failure at 3',
    ]);
    expect(found?.events).to.deep.equal([]);
    expect(trailOf(host)).to.deep.equal([BLOCKED]);
  });

  it('a block is told once where a part of the log that led to it is gone', () => {
    const log = failures([1, 2, 3, 4, 5, 6]);
    const host = reading(log, 6);
    host.flush();
    // The second and third line were in a file that is no longer there.
    log.splice(1, 2);
    host.crash(7);
    host.read(4, 8);
    host.tick(8);
    expect(trailOf(host)).to.deep.equal([BLOCKED]);
    expect(host.blocks.recordOf(IP)?.events, 'nothing counts while it is blocked').to.deep.equal([]);
  });

  it('the refusals of a block are counted again, as far as the log is read again', () => {
    const host = reading([...failures([1, 2, 3]), { client: IP, kind: 'refusal', time: 4 }], 5);
    host.flush();
    host.crash(6);
    host.read(4, 6);
    expect(host.blocks.recordOf(IP)?.block?.refused).to.equal(1);
  });

  it('what was done while it was allowed never counts, also where the entry was taken back before the crash', () => {
    const log = failures([1]);
    const host = reading(log, 2);
    host.act(allow(HOUR), 3);
    log.push(...failures([4, 5]));
    host.read(3, 5);
    host.act(disallow, 6);
    host.crash(7);
    host.read(3, 7);
    expect(host.refuses(IP, 7), 'one counts, before it was allowed').to.equal(false);
    log.push(...failures([8]));
    host.read(4, 8);
    expect(host.refuses(IP, 8), 'two count').to.equal(false);
    log.push(...failures([9]));
    host.read(5, 9);
    expect(host.refuses(IP, 9), 'three count').to.equal(true);
  });

  it('what counted before it was allowed counts again when that is over', () => {
    const log = failures([1, 2]);
    const host = reading(log, 2);
    host.act(allow(MINUTE), 3);
    host.crash(4);
    host.read(2, 4);
    log.push(...failures([2 * MINUTE]));
    host.read(3, 2 * MINUTE);
    host.tick(2 * MINUTE);
    expect(host.refuses(IP, 2 * MINUTE)).to.equal(true);
  });

  it('an entry of the allow list ends the blocks that it covers at its beginning, and ends itself once', () => {
    const host = reading(failures([1, 2, 3]), 3);
    host.snapshot();
    host.act(allow(MINUTE), 4);
    host.crash(HOUR);
    host.tick(HOUR);
    host.flush();
    host.crash(HOUR + 1);
    host.tick(HOUR + 1);
    expect(trailOf(host)).to.deep.equal([
      BLOCKED,
      'allow 192.0.2.0/24',
      'end 192.0.2.1 auth allow-listed',
      'disallow 192.0.2.0/24',
    ]);
    expect(host.entries[2]?.at).to.equal(host.entries[1]?.at);
  });

  it('a grace holds, the last one of several, and its client is counted', () => {
    const log = failures([1]);
    const host = reading(log, 1);
    host.act({ what: 'unblock', client: IP, grace: HOUR }, 2);
    host.act({ what: 'unblock', client: IP, grace: MINUTE }, 3);
    host.crash(4);
    log.push(...failures([5, 6]));
    host.read(3, 6);
    expect(host.refuses(IP, 6)).to.equal(false);
    log.push(...failures([2 * MINUTE]));
    host.read(4, 2 * MINUTE);
    expect(host.refuses(IP, 2 * MINUTE)).to.equal(true);
  });

  it('a watched block stands, is told once, and does not begin again after it was lifted', () => {
    const host = reading(failures([1, 2, 3]), 3, { rules: [WATCHING] });
    host.flush();
    host.crash(4);
    host.read(3, 4);
    expect(host.blocks.recordOf(IP)?.watches).to.have.lengthOf(1);
    expect(evidenceIn(host.blocks.recordOf(IP)?.watches?.[0]?.evidence)).to.have.lengthOf(3);
    host.act(unblock(), 5);
    host.crash(6);
    host.read(3, 6);
    host.tick(6);
    expect(host.blocks.table.pinned).to.equal(0);
    expect(trailOf(host)).to.deep.equal(['block 192.0.2.1 watch', 'end 192.0.2.1 watch lifted']);
  });

  it('a block that a policy ended does not come again under the policy after that', () => {
    const host = reading(failures([1, 2, 3]), 3);
    host.snapshot();
    host.reload(termsOf({ rules: [WATCHING] }), 4);
    host.reload(termsOf(), 5);
    host.flush();
    host.crash(6);
    expect(host.refuses(IP, 6)).to.equal(false);
    expect(trailOf(host)).to.deep.equal([BLOCKED, 'end 192.0.2.1 auth rule-removed']);
  });

  it('what was read before a lift, stamped with its very millisecond, does not count', () => {
    const log = failures([1, 2, 3, 4]);
    const host = reading(log, 4);
    host.act(unblock(), 4);
    host.crash(5);
    log.push(...failures([5, 6]));
    host.read(6, 6);
    expect(host.refuses(IP, 6)).to.equal(false);
  });

  it('what was read before an entry was taken back, stamped with its very millisecond, does not count', () => {
    const log: Line[] = [];
    const host = reading(log, 0);
    host.act(allow(HOUR), 1);
    log.push(...failures([4, 4, 4]));
    host.read(3, 4);
    host.act(disallow, 4);
    host.crash(5);
    host.read(3, 5);
    expect(host.refuses(IP, 5)).to.equal(false);
  });

  it('lines that the snapshot includes already change nothing when they are done again', () => {
    const log = [...failures([1, 2, 3]), ...failures([1, 2, 3], '192.0.2.3')];
    const host = reading(log, 3, { rules: [AUTH, { ...WATCHING, limit: 2 }] });
    host.act(unblock(), 4);
    host.act(unblock('192.0.2.3'), 4);
    log.push(...failures([5, 6, 7]));
    host.read(9, 7);
    host.act({ what: 'unblock', client: '192.0.2.2', grace: HOUR }, 8);
    host.act(allow(HOUR), 9);
    host.act(disallow, 10);
    host.act(block(), 11);
    host.snapshot();
    const before = host.lines;
    for (let twice = 1; twice <= host.trail.length; twice++) {
      host.crash(12, twice);
      expect(host.lines, `the last ${twice}`).to.deep.equal(before);
    }
    for (const entry of host.entries.filter(({ event }) => event === 'block' || event === 'end')) {
      const change = changeOf(entry);
      if (change !== undefined) host.blocks.redo(change);
      expect(host.lines, `line ${entry.sequence} alone`).to.deep.equal(before);
    }
  });

  it('two commands in one millisecond hold in their order', () => {
    const host = reading(failures([1, 2, 3]), 3);
    host.act(unblock(), 4);
    expect(host.act(block(), 4)).to.equal(true);
    host.crash(5);
    host.read(3, 5);
    expect(host.refuses(IP, 5)).to.equal(true);
  });

  for (const [before, after] of [
    [64, 48],
    [48, 64],
    [128, 64],
    [64, 128],
  ] as const) {
    const former = { ipv6Prefix: before };
    const present = termsOf({ ipv6Prefix: after });

    it(`a block of /${before} stands where the policy counts by /${after} now, and its lines count for no other`, () => {
      const host = reading(failures([1, 2, 3, 3, 3, 3], IPV6), 3, former);
      host.flush();
      host.reload(present, 4);
      host.crash(5);
      expect(host.refuses(IPV6, 5)).to.equal(true);
      host.read(6, 5);
      host.tick(5);
      expect(trailOf(host)).to.have.lengthOf(1);
      host.act(unblock(IPV6), 6);
      host.crash(7);
      host.read(6, 7);
      host.tick(7);
      expect(host.refuses(IPV6, 7)).to.equal(false);
      expect(trailOf(host)).to.have.lengthOf(2);
    });

    it(`a lift of a block of /${before} holds where the policy counts by /${after}, also from a snapshot`, () => {
      const host = reading(failures([1, 2, 3], IPV6), 3, former);
      host.reload(present, 4);
      host.act(unblock(IPV6), 5);
      host.crash(6);
      host.snapshot();
      host.crash(7);
      host.read(3, 7);
      expect(host.refuses(IPV6, 7)).to.equal(false);
    });

    it(`a grace given to a client that was blocked by /${before} holds where /${after} counts`, () => {
      const log = failures([1, 2, 3], IPV6);
      const host = reading(log, 3, former);
      host.reload(present, 4);
      host.act({ what: 'unblock', client: IPV6, grace: HOUR }, 5);
      host.crash(6);
      log.push(...failures([7, 8, 9], IPV6));
      host.read(6, 9);
      expect(host.refuses(IPV6, 9)).to.equal(false);
    });
  }

  it('a client whose address and network are both blocked is free after one command', () => {
    const host = reading(failures([1, 2, 3], IPV6), 3, { ipv6Prefix: 128 });
    host.reload(termsOf({ ipv6Prefix: 64 }), 4);
    host.act(block('2001:db8:0:1::6'), 5);
    host.act(unblock(IPV6), 6);
    expect(host.refuses(IPV6, 7)).to.equal(false);
  });
});
