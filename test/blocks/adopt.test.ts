// What a reload of the policy does to blocks and counts that are there.

import { expect } from 'chai';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, Lake, type Policy } from './lake.ts';

const IP = '192.0.2.1';
const WATCHING = { ...AUTH, enforce: false };

/** A lake in which IP is blocked by the rule `auth`, from START on. */
const blocked = (policy: Policy = {}): Lake => new Lake(policy).take(IP, [0, 0, 0]);

describe('a new policy', () => {
  it('leaves blocks and counts as they are where nothing concerns them', () => {
    const lake = blocked()
      .take('192.0.2.2', [0, 0])
      .adopt({ allow: ['198.51.100.0/24'] }, 5);
    expect(lake.told).to.have.lengthOf(1);
    expect(lake.refusing(IP, 6)).to.equal('auth');
    expect(lake.take('192.0.2.2', [6]).told.at(-1)).to.equal('block 192.0.2.2 auth 6');
  });

  it('judges what has been counted by its own limits from the next event on', () => {
    const lake = new Lake({ rules: [{ ...AUTH, limit: 10 }] }).take(IP, [0, 1, 2, 3]);
    lake.adopt({ rules: [AUTH] }, 4).take(IP, [5]);
    expect(lake.told).to.deep.equal([`block ${IP} auth 5`]);
    const higher = new Lake().take(IP, [0, 1]).adopt({ rules: [{ ...AUTH, limit: 4 }] }, 2);
    expect(higher.take(IP, [3]).told).to.deep.equal([]);
    expect(higher.take(IP, [4]).told).to.deep.equal([`block ${IP} auth 4`]);
  });

  it('gives running blocks its text, and leaves them the time that they were given', () => {
    const lake = blocked().adopt({ rules: [{ ...AUTH, message: 'New text.', blockFor: 5 * HOUR }] }, 5);
    expect(lake.blocks.refusing(IP, () => undefined, lake.changes[0]?.at ?? 0)?.rule.message).to.equal(
      'New text.',
    );
    expect(lake.refusing(IP, HOUR - 1)).to.equal('auth');
    expect(lake.refusing(IP, HOUR)).to.equal(undefined);
  });

  const ends: readonly [why: string, policy: Policy, reason: string][] = [
    ['its allow list covers', { allow: ['192.0.2.0/24'] }, 'allow-listed'],
    ['has lost its rule', { rules: [{ ...AUTH, name: 'other' }] }, 'rule-removed'],
    ['is only watched by its rule now', { rules: [WATCHING] }, 'rule-changed'],
  ];
  for (const [why, policy, reason] of ends) {
    it(`ends the block of an IP that ${why}, at that moment, and counts it from zero`, () => {
      const lake = blocked().adopt(policy, 7).adopt(policy, 8);
      expect(lake.told).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth 7 ${reason}`]);
      expect(lake.refusing(IP, 7)).to.equal(undefined);
      lake.adopt({}, 9).take(IP, [5, 6, 6, 6, 7, 8]);
      expect(lake.told, 'events before the end never count').to.have.lengthOf(2);
      expect(lake.take(IP, [9]).told.at(-1)).to.equal(`block ${IP} auth 9`);
    });
  }

  it('ends watched blocks in the same ways', () => {
    for (const [, policy, reason] of ends) {
      const lake = blocked({ rules: [WATCHING] }).adopt(
        reason === 'rule-changed' ? {} : { ...watching(policy) },
        7,
      );
      expect(lake.told).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth 7 ${reason}`]);
      expect(lake.changes.at(-1)).to.have.property('enforced', false);
      expect(lake.refusing(IP, 8)).to.equal(undefined);
    }
  });

  it('tells a block whose time was over before as ended at that time', () => {
    const lake = blocked().adopt({ rules: [{ ...AUTH, name: 'other' }] }, 2 * HOUR);
    expect(lake.told).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth ${HOUR} expired`]);
    lake.take(IP, [HOUR + 1, HOUR + 2, HOUR + 3]);
    expect(lake.told.at(-1)).to.equal(`block ${IP} other ${HOUR + 3}`);
  });

  it('tells a watched block whose time was over before as ended at that time', () => {
    const lake = blocked({ rules: [WATCHING] }).adopt({}, 2 * HOUR);
    expect(lake.told).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth ${HOUR} expired`]);
  });

  it('keeps a client counted that was on the allow list before', () => {
    const lake = new Lake({ allow: [IP] }).take(IP, [0, 0]).adopt({}, 1).take(IP, [2, 2]);
    expect(lake.told).to.deep.equal([]);
    expect(lake.take(IP, [2]).told).to.deep.equal([`block ${IP} auth 2`]);
  });
});

describe('another ipv6-prefix', () => {
  const CLIENT = '2001:db8:0:1::5';
  const changes: readonly [from: number, to: number, before: string, after: string][] = [
    [64, 48, '2001:db8:0:1::/64', '2001:db8::/48'],
    [48, 64, '2001:db8::/48', '2001:db8:0:1::/64'],
    [64, 128, '2001:db8:0:1::/64', '2001:db8:0:1::5'],
    [128, 64, '2001:db8:0:1::5', '2001:db8:0:1::/64'],
  ];
  for (const [from, to, before, after] of changes) {
    it(`keeps a block of /${from} for its time when it becomes ${to}, and counts nothing meanwhile`, () => {
      const lake = new Lake({ ipv6Prefix: from }).take(CLIENT, [0, 0, 0]).adopt({ ipv6Prefix: to }, 1);
      expect(lake.refusing(CLIENT, 2)).to.equal('auth');
      lake.take(CLIENT, [2, 2, 2]).refusal(CLIENT, 3).expire(HOUR);
      expect(lake.told).to.deep.equal([`block ${before} auth 0`, `end ${before} auth ${HOUR} expired`]);
      expect(lake.changes.at(-1)).to.have.property('refused', 1);
    });

    it(`blocks by /${to} from then on, after /${from}`, () => {
      const lake = new Lake({ ipv6Prefix: from }).adopt({ ipv6Prefix: to }, 1).take(CLIENT, [2, 2, 2]);
      expect(lake.told).to.deep.equal([`block ${after} auth 2`]);
      expect(lake.refusing(CLIENT, 3)).to.equal('auth');
      expect(lake.refusing('2001:DB8:0:1:0:0:0:5', 3), 'in another form').to.equal('auth');
      lake
        .take(CLIENT, [4, 4, 4])
        .refusal(CLIENT, 5)
        .take(CLIENT, [2 + HOUR]);
      expect(lake.told).to.deep.equal([`block ${after} auth 2`, `end ${after} auth ${2 + HOUR} expired`]);
      expect(lake.changes.at(-1)).to.have.property('refused', 1);
    });

    it(`counts afresh when it changes from ${from} to ${to}`, () => {
      const lake = new Lake({ ipv6Prefix: from }).take(CLIENT, [0, 0]).adopt({ ipv6Prefix: to }, 1);
      expect(lake.take(CLIENT, [2, 2]).told).to.deep.equal([]);
      expect(lake.take(CLIENT, [2]).told).to.deep.equal([`block ${after} auth 2`]);
    });
  }

  it('leaves a network blocked that holds an address with counts of its own from before', () => {
    const lake = new Lake({ ipv6Prefix: 128 }).take(CLIENT, [0]).adopt({ ipv6Prefix: 64 }, 1);
    lake.take('2001:db8:0:1::6', [2, 2, 2]);
    expect(lake.refusing(CLIENT, 3)).to.equal('auth');
    lake.take(CLIENT, [3 + MINUTE]);
    expect(lake.counted('2001:db8:0:1::/64')).to.equal(0);
  });
});

function watching({ rules, ...rest }: Policy): Policy {
  return { ...rest, rules: (rules ?? [AUTH]).map((rule) => ({ ...rule, enforce: false })) };
}
