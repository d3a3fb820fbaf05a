// Changes that the server holds, read as from a stranger: what is none.

import { expect } from 'chai';
import { sharedChangeOf } from '../../../src/sharing/server/changes.ts';
import { shardOf } from '../../../src/sharing/shard.ts';
import { COMMON } from '../../../src/sharing/shared-store.ts';
import { DAY } from '../../../src/values/duration.ts';

const AT = Date.UTC(2026, 10, 27);
const IP = '192.0.2.7';
const BLOCK = {
  version: 1,
  event: 'block',
  ip: IP,
  at: AT,
  until: AT + DAY,
  enforced: true,
  rule: 'r',
  count: 5,
};

function read(change: object, shard = shardOf('ip' in change ? String(change.ip) : '')) {
  return sharedChangeOf(shard, 'mx1', JSON.stringify(change));
}

describe('sharing/server/changes', () => {
  it('are changes in the stream of their shard', () => {
    expect(read(BLOCK)).to.have.nested.property('change.ip', IP);
    expect(read(BLOCK, shardOf(IP) === 1 ? 2 : 1)).to.equal('damaged');
  });

  it('are none where they last longer than any that is made', () => {
    expect(read({ ...BLOCK, until: AT + 366 * DAY })).to.be.an('object');
    expect(read({ ...BLOCK, until: AT + 368 * DAY })).to.equal('damaged');
    const grace = { version: 1, event: 'grace', ip: IP, at: AT, by: 'a', why: 'b' };
    expect(read({ ...grace, until: AT + DAY })).to.be.an('object');
    expect(read({ ...grace, until: AT + 3650 * DAY })).to.equal('damaged');
    const allow = { ...grace, event: 'allow', ip: '192.0.2.0/24' };
    expect(read({ ...allow, until: AT + DAY }, COMMON)).to.be.an('object');
    expect(read({ ...allow, until: AT + 3650 * DAY }, COMMON)).to.equal('damaged');
  });

  for (const change of [
    { ip: '0.0.0.0/0' },
    { ip: '203.0.113.0/24' },
    { ip: '::ffff:192.0.2.7' },
    { ip: '2001:DB8::/64' },
    { ip: '1.2.3.4, 0.0.0.0/0' },
    { ip: '__proto__' },
    { until: 9e15 },
    { at: null },
    { event: 'other' },
    { count: 'x' },
  ])
    it(`are none with ${JSON.stringify(change)}`, () =>
      expect(read({ ...BLOCK, ...change })).to.equal('damaged'));

  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '['.repeat(100_000),
    JSON.stringify({ ...BLOCK, x: 'x'.repeat(20_000) }),
  ])
    it(`are none as ${text.slice(0, 20)}`, () => expect(sharedChangeOf(1, 'mx1', text)).to.equal('damaged'));
});
