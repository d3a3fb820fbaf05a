// Changes that other hosts made: joined to one result in whatever order, and however often, they come.

import { expect } from 'chai';
import fc from 'fast-check';
import type { AuditedChange } from '../../src/blocks/changes.ts';
import { recordLine } from '../../src/state/snapshot/client-line.ts';
import { HOUR } from '../../src/values/duration.ts';
import { BlocksFixture, START } from './blocks-fixture.ts';

const IP = '192.0.2.1';
const HAND = { by: 'root', why: 'a customer' };

const moment = fc.nat(20).map((ms) => START + ms);
const length = fc.integer({ min: 1, max: 20 });
const ip = fc.constantFrom(IP, '2001:db8::/64');
const rule = fc.constantFrom('auth', 'other');
const block: fc.Arbitrary<AuditedChange> = fc
  .tuple(ip, rule, moment, length, fc.boolean())
  .map(([of, name, at, ms, byHand]) => {
    const hand = byHand ? { hand: HAND } : {};
    return { type: 'block', ip: of, rule: name, at, until: at + ms, count: 3, enforced: true, ...hand };
  });
const end: fc.Arbitrary<AuditedChange> = fc
  .tuple(ip, moment, fc.nat(20), fc.constantFrom('lifted' as const, 'expired' as const))
  .map(([of, since, ms, reason]) => {
    const times = { at: since + ms, since };
    return { type: 'end', ip: of, rule: 'auth', ...times, reason, refused: 0, enforced: true, hand: HAND };
  });
const grace: fc.Arbitrary<AuditedChange> = fc
  .tuple(ip, moment, length)
  .map(([of, at, ms]) => ({ type: 'grace', ip: of, at, until: at + ms, hand: HAND }));
const network = fc.constantFrom('192.0.2.0/24', IP);
const allow: fc.Arbitrary<AuditedChange> = fc
  .tuple(network, moment, length)
  .map(([of, at, ms]) => ({ type: 'allow', ip: of, at, until: at + ms, hand: HAND }));
const disallow: fc.Arbitrary<AuditedChange> = fc
  .tuple(network, moment)
  .map(([of, at]) => ({ type: 'disallow', ip: of, at, until: at, hand: HAND }));

/** The same changes twice: in their order, and in another one in which each may come several times. */
function inTwoOrders(
  change: fc.Arbitrary<AuditedChange>,
): fc.Arbitrary<readonly (readonly AuditedChange[])[]> {
  return fc.array(change, { minLength: 1, maxLength: 8 }).chain((changes) => {
    const shuffled = fc.shuffledSubarray(changes, { minLength: changes.length });
    const again = fc.array(fc.constantFrom(...changes), { maxLength: 8 });
    return fc.tuple(shuffled, again).map(([other, more]) => [changes, [...other, ...more]]);
  });
}

/** Blocks to which the changes were applied. */
function applied(changes: readonly AuditedChange[]): BlocksFixture {
  const fixture = new BlocksFixture();
  for (const change of changes) fixture.blocks.apply(change);
  return fixture;
}

function linesOf({ blocks }: BlocksFixture): readonly string[] {
  const lines: string[] = [];
  const walk = blocks.table.walk((record) => lines.push(recordLine(record)));
  while (walk.step(100));
  return lines.sort();
}

/** The allow entries in force, and the moments at which abuse counts, by whichever entry. */
function coverageOf(fixture: BlocksFixture): unknown {
  const counted: number[] = [];
  for (let at = 0; at <= 41; at++) {
    const probe = new BlocksFixture();
    const { saved, savedEnded } = fixture.blocks.allowEntries;
    probe.blocks.loading.allowEntries(saved, savedEnded);
    probe.take(IP, [at]);
    if (probe.counted(IP) !== undefined) counted.push(at);
  }
  const inForce = fixture.blocks.allowEntries.all.map(({ entry, at, until }) => `${entry} ${at} ${until}`);
  return { counted, inForce: inForce.sort() };
}

describe('blocks/remote', () => {
  it('comes to the same blocks, ends and graces in any order, with any change several times', () => {
    fc.assert(
      fc.property(inTwoOrders(fc.oneof(block, block, end, grace)), ([one = [], other = []]) => {
        expect(linesOf(applied(other))).to.deep.equal(linesOf(applied(one)));
      }),
      { numRuns: 2000 },
    );
  });

  it('comes to the same allow entries in any order, with any change several times', () => {
    fc.assert(
      fc.property(inTwoOrders(fc.oneof(allow, disallow)), ([one = [], other = []]) => {
        expect(coverageOf(applied(other))).to.deep.equal(coverageOf(applied(one)));
      }),
      { numRuns: 300 },
    );
  });

  it('knows a change that it has applied before', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(block, end, grace, allow, disallow), { maxLength: 6 }), (changes) => {
        const fixture = applied(changes);
        for (const change of changes) expect(fixture.blocks.apply(change), change.type).to.equal(false);
      }),
    );
  });

  const BLOCK = { type: 'block', ip: IP, rule: 'auth', count: 3, enforced: true } as const;
  const END = { type: 'end', ip: IP, rule: 'auth', reason: 'lifted', refused: 0, enforced: true } as const;

  it('refuses a client that another host blocked, until the block ends, and reports only the end', () => {
    const fixture = new BlocksFixture();
    expect(fixture.blocks.apply({ ...BLOCK, at: START, until: START + HOUR })).to.equal(true);
    expect(fixture.refusing(IP, 1)).to.equal('auth');
    fixture.take(IP, [1, 2, 3]).expire(HOUR);
    expect(fixture.refusing(IP, HOUR)).to.equal(undefined);
    expect(fixture.reported).to.deep.equal([`end ${IP} auth ${HOUR} expired`]);
  });

  it('counts nothing from before a lift of another host, and blocks again by what comes after', () => {
    const fixture = new BlocksFixture().take(IP, [0, 1]);
    fixture.blocks.apply({ ...END, at: START + 5, since: START, hand: HAND });
    fixture.take(IP, [2, 3, 6, 7]);
    expect(fixture.reported).to.deep.equal([]);
    expect(fixture.take(IP, [8]).reported).to.deep.equal([`block ${IP} auth 8`]);
  });

  it('counts nothing from before a lift of a wider IPv6 network than the policy’s', () => {
    const client = '2001:db8:0:1::5';
    const fixture = new BlocksFixture();
    fixture.blocks.apply({ ...END, ip: '2001:db8::/56', at: START + 5, since: START, hand: HAND });
    expect(fixture.take(client, [2, 3, 4]).reported).to.deep.equal([]);
    expect(fixture.take(client, [6, 7, 8]).reported).to.deep.equal([`block 2001:db8:0:1::/64 auth 8`]);
  });

  it('keeps a block that started after a lift which comes late', () => {
    const fixture = new BlocksFixture();
    fixture.blocks.apply({ ...BLOCK, at: START, until: START + 100 });
    fixture.blocks.apply({ ...BLOCK, rule: 'auth', at: START + 50, until: START + 90 });
    expect(fixture.refusing(IP, 95)).to.equal('auth');
    fixture.blocks.apply({ ...END, at: START + 40, since: START, hand: HAND });
    expect(fixture.refusing(IP, 89)).to.equal('auth');
    expect(fixture.refusing(IP, 90)).to.equal(undefined);
    expect(fixture.expire(90).reported).to.deep.equal([`end ${IP} auth 90 expired`]);
  });

  it('lets the allow list win over a block of another host, whichever comes first', () => {
    const entry: AuditedChange = { type: 'allow', ip: IP, at: START + 5, until: START + HOUR, hand: HAND };
    const blocked: AuditedChange = { ...BLOCK, at: START, until: START + HOUR };
    for (const changes of [
      [entry, blocked],
      [blocked, entry],
    ]) {
      const fixture = applied(changes);
      expect(fixture.refusing(IP, 6)).to.equal(undefined);
      expect(fixture.expire(7).reported).to.deep.equal([`end ${IP} auth 5 allow-listed`]);
    }
  });

  it('leaves alone what is no client or network, and watched blocks', () => {
    const fixture = new BlocksFixture();
    const times = { at: START, until: START + HOUR };
    for (const change of [
      { ...BLOCK, ...times, ip: 'mail.example.com' },
      { ...BLOCK, ...times, enforced: false },
      { type: 'grace', ...times, ip: '2001:DB8::/64', hand: HAND },
      { type: 'allow', ...times, ip: 'mail.example.com', hand: HAND },
      { type: 'disallow', ...times, ip: IP, hand: undefined },
    ] as const)
      expect(fixture.blocks.apply(change), change.type).to.equal(false);
    expect(fixture.blocks.table.size).to.equal(0);
  });
});
