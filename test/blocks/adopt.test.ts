// What a reload of the policy does to blocks and counts that are there.

import { expect } from 'chai';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, BlocksFixture, type Policy } from './blocks-fixture.ts';

const IP = '192.0.2.1';
const WATCHING = { ...AUTH, enforce: false };

/** Blocks in which IP is blocked by the rule `auth`, from START on. */
const blocked = (policy: Policy = {}): BlocksFixture => new BlocksFixture(policy).take(IP, [0, 0, 0]);

describe('blocks/adopt: a new policy', () => {
  it('leaves blocks and counts as they are where nothing concerns them', () => {
    const fixture = blocked()
      .take('192.0.2.2', [0, 0])
      .adopt({ allow: ['198.51.100.0/24'] }, 5);
    expect(fixture.reported).to.have.lengthOf(1);
    expect(fixture.refusing(IP, 6)).to.equal('auth');
    expect(fixture.take('192.0.2.2', [6]).reported.at(-1)).to.equal('block 192.0.2.2 auth 6');
  });

  it('judges what has been counted by its own limits from the next event on', () => {
    const fixture = new BlocksFixture({ rules: [{ ...AUTH, limit: 10 }] }).take(IP, [0, 1, 2, 3]);
    fixture.adopt({ rules: [AUTH] }, 4).take(IP, [5]);
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 5`]);
    const higher = new BlocksFixture().take(IP, [0, 1]).adopt({ rules: [{ ...AUTH, limit: 4 }] }, 2);
    expect(higher.take(IP, [3]).reported).to.deep.equal([]);
    expect(higher.take(IP, [4]).reported).to.deep.equal([`block ${IP} auth 4`]);
  });

  it('gives running blocks its text, and leaves them the time that they were given', () => {
    const fixture = blocked().adopt({ rules: [{ ...AUTH, message: 'New text.', blockFor: 5 * HOUR }] }, 5);
    expect(fixture.blocks.refusing(IP, () => undefined, fixture.changes[0]?.at ?? 0)?.rule.message).to.equal(
      'New text.',
    );
    expect(fixture.refusing(IP, HOUR - 1)).to.equal('auth');
    expect(fixture.refusing(IP, HOUR)).to.equal(undefined);
  });

  const ends: readonly [why: string, policy: Policy, reason: string][] = [
    ['its allow list covers', { allow: ['192.0.2.0/24'] }, 'allow-listed'],
    ['has lost its rule', { rules: [{ ...AUTH, name: 'other' }] }, 'rule-removed'],
    ['is only watched by its rule now', { rules: [WATCHING] }, 'rule-changed'],
  ];
  for (const [why, policy, reason] of ends) {
    it(`ends the block of an IP that ${why}, at that moment, and counts it from zero`, () => {
      const fixture = blocked().adopt(policy, 7).adopt(policy, 8);
      expect(fixture.reported).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth 7 ${reason}`]);
      expect(fixture.refusing(IP, 7)).to.equal(undefined);
      fixture.adopt({}, 9).take(IP, [5, 6, 6, 6, 7, 8]);
      expect(fixture.reported, 'events before the end never count').to.have.lengthOf(2);
      expect(fixture.take(IP, [9]).reported.at(-1)).to.equal(`block ${IP} auth 9`);
    });
  }

  it('ends watched blocks in the same ways', () => {
    for (const [, policy, reason] of ends) {
      const fixture = blocked({ rules: [WATCHING] }).adopt(
        reason === 'rule-changed' ? {} : { ...watching(policy) },
        7,
      );
      expect(fixture.reported).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth 7 ${reason}`]);
      expect(fixture.changes.at(-1)).to.have.property('enforced', false);
      expect(fixture.refusing(IP, 8)).to.equal(undefined);
    }
  });

  it('tells a block whose time was over before as ended at that time', () => {
    const fixture = blocked().adopt({ rules: [{ ...AUTH, name: 'other' }] }, 2 * HOUR);
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth ${HOUR} expired`]);
    fixture.take(IP, [HOUR + 1, HOUR + 2, HOUR + 3]);
    expect(fixture.reported.at(-1)).to.equal(`block ${IP} other ${HOUR + 3}`);
  });

  it('tells a watched block whose time was over before as ended at that time', () => {
    const fixture = blocked({ rules: [WATCHING] }).adopt({}, 2 * HOUR);
    expect(fixture.reported).to.deep.equal([`block ${IP} auth 0`, `end ${IP} auth ${HOUR} expired`]);
  });

  it('keeps a client counted that was on the allow list before', () => {
    const fixture = new BlocksFixture({ allow: [IP] }).take(IP, [0, 0]).adopt({}, 1).take(IP, [2, 2]);
    expect(fixture.reported).to.deep.equal([]);
    expect(fixture.take(IP, [2]).reported).to.deep.equal([`block ${IP} auth 2`]);
  });
});

describe('blocks/adopt: another ipv6-prefix', () => {
  const CLIENT = '2001:db8:0:1::5';
  const changes: readonly [from: number, to: number, before: string, after: string][] = [
    [64, 48, '2001:db8:0:1::/64', '2001:db8::/48'],
    [48, 64, '2001:db8::/48', '2001:db8:0:1::/64'],
    [64, 128, '2001:db8:0:1::/64', '2001:db8:0:1::5'],
    [128, 64, '2001:db8:0:1::5', '2001:db8:0:1::/64'],
  ];
  for (const [from, to, before, after] of changes) {
    it(`keeps a block of /${from} for its time when it becomes ${to}, and counts nothing meanwhile`, () => {
      const fixture = new BlocksFixture({ ipv6Prefix: from })
        .take(CLIENT, [0, 0, 0])
        .adopt({ ipv6Prefix: to }, 1);
      expect(fixture.refusing(CLIENT, 2)).to.equal('auth');
      fixture.take(CLIENT, [2, 2, 2]).refusal(CLIENT, 3).expire(HOUR);
      expect(fixture.reported).to.deep.equal([
        `block ${before} auth 0`,
        `end ${before} auth ${HOUR} expired`,
      ]);
      expect(fixture.changes.at(-1)).to.have.property('refused', 1);
    });

    it(`blocks by /${to} from then on, after /${from}`, () => {
      const fixture = new BlocksFixture({ ipv6Prefix: from })
        .adopt({ ipv6Prefix: to }, 1)
        .take(CLIENT, [2, 2, 2]);
      expect(fixture.reported).to.deep.equal([`block ${after} auth 2`]);
      expect(fixture.refusing(CLIENT, 3)).to.equal('auth');
      expect(fixture.refusing('2001:DB8:0:1:0:0:0:5', 3), 'in another form').to.equal('auth');
      fixture
        .take(CLIENT, [4, 4, 4])
        .refusal(CLIENT, 5)
        .take(CLIENT, [2 + HOUR]);
      expect(fixture.reported).to.deep.equal([
        `block ${after} auth 2`,
        `end ${after} auth ${2 + HOUR} expired`,
      ]);
      expect(fixture.changes.at(-1)).to.have.property('refused', 1);
    });

    it(`counts afresh when it changes from ${from} to ${to}`, () => {
      const fixture = new BlocksFixture({ ipv6Prefix: from })
        .take(CLIENT, [0, 0])
        .adopt({ ipv6Prefix: to }, 1);
      expect(fixture.take(CLIENT, [2, 2]).reported).to.deep.equal([]);
      expect(fixture.take(CLIENT, [2]).reported).to.deep.equal([`block ${after} auth 2`]);
    });
  }

  it('leaves a network blocked that holds an address with counts of its own from before', () => {
    const fixture = new BlocksFixture({ ipv6Prefix: 128 }).take(CLIENT, [0]).adopt({ ipv6Prefix: 64 }, 1);
    fixture.take('2001:db8:0:1::6', [2, 2, 2]);
    expect(fixture.refusing(CLIENT, 3)).to.equal('auth');
    fixture.take(CLIENT, [3 + MINUTE]);
    expect(fixture.counted('2001:db8:0:1::/64')).to.equal(0);
  });
});

function watching({ rules, ...rest }: Policy): Policy {
  return { ...rest, rules: (rules ?? [AUTH]).map((rule) => ({ ...rule, enforce: false })) };
}
