// The blocks that refuse clients before the counts are read: the same clients as afterwards.

import { expect } from 'chai';
import fc from 'fast-check';
import type { AuditedChange } from '../../src/blocks/changes.ts';
import { newBlock } from '../../src/blocks/table/block.ts';
import { EarlyBlocks } from '../../src/state/early-blocks.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, BlocksFixture, type Policy, START, termsOf } from '../blocks/blocks-fixture.ts';

const POLICY: Policy = {
  rules: [AUTH, { ...AUTH, name: 'watch', enforce: false }],
  allow: ['192.0.2.3'],
};
const HAND = { by: 'root', why: 'test' };
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '::ffff:192.0.2.1'];
const KEYS = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::/64', '2001:db8::/56'];

const minutes = fc.nat(180).map((n) => START + n * MINUTE);
const key = fc.constantFrom(...KEYS);
const rule = fc.constantFrom('auth', 'watch', 'gone');
const term = fc.record({ key, rule, since: minutes, lasts: fc.nat(120) });

const change: fc.Arbitrary<AuditedChange> = fc.oneof(
  fc.record({ key, rule, at: minutes, lasts: fc.nat(120), enforced: fc.boolean() }).map(
    ({ key: ip, rule: name, at, lasts, enforced }): AuditedChange => ({
      type: 'block',
      ip,
      rule: name,
      at,
      until: at + lasts * MINUTE,
      count: 3,
      enforced,
      inStanding: false,
      hand: undefined,
      classes: undefined,
    }),
  ),
  fc.record({ key, at: minutes, ago: fc.nat(60), enforced: fc.boolean(), isLifted: fc.boolean() }).map(
    ({ key: ip, at, ago, enforced, isLifted }): AuditedChange => ({
      type: 'end',
      ip,
      rule: 'auth',
      at,
      since: at - ago * MINUTE,
      reason: isLifted ? 'lifted' : 'expired',
      refused: 0,
      enforced,
      hand: undefined,
    }),
  ),
  fc.record({ at: minutes, isEnd: fc.boolean() }).map(
    ({ at, isEnd }): AuditedChange => ({
      type: isEnd ? 'disallow' : 'allow',
      ip: '192.0.2.2',
      at,
      until: isEnd ? at : at + HOUR,
      hand: HAND,
    }),
  ),
);

describe('state/early-blocks', () => {
  it('refuses whom the blocks refuse after the same snapshot and the same trail', () => {
    fc.assert(
      fc.property(fc.array(term), fc.array(change), minutes, (loaded, changes, now) => {
        const early = new EarlyBlocks(termsOf(POLICY));
        const { blocks } = new BlocksFixture(POLICY);
        const known = new Set<string>();
        for (const { key: ip, rule: name, since, lasts } of loaded) {
          if (known.has(ip)) continue;
          known.add(ip);
          const block = { rule: name, since, until: since + lasts * MINUTE };
          early.load(ip, block);
          blocks.loading.client(ip, { events: [], block: newBlock({ ...block, count: 3 }) });
        }
        for (const one of changes) {
          early.redo(one);
          blocks.redo(one);
        }
        for (const address of ADDRESSES) {
          const [first, later] = [early, blocks].map((from) => from.refusing(address, () => undefined, now));
          expect(first?.rule.name, address).to.equal(later?.rule.name);
          expect(first?.block.until, address).to.equal(later?.block.until);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
