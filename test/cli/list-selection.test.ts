// What list --spared prints of the answer, and in which order.

import { expect } from 'chai';
import { selectedSpared } from '../../src/cli/list-selection.ts';
import { listedSpared } from '../desk/answers.ts';

const NEAR = listedSpared({
  ip: '192.0.2.10',
  bad: 90,
  good: 910,
  share: 0.1,
  since: '2026-11-24T17:00:00.000Z',
});
const FAR = listedSpared({
  ip: '192.0.2.9',
  bad: 20,
  good: 980,
  share: 0.1,
  since: '2026-11-24T16:00:00.000Z',
});
/** A larger part than that of NEAR, but farther from its share. */
const LOGINS = listedSpared({ ip: '2001:db8::/64', rule: 'auth-failures', bad: 2, good: 8, share: 0.5 });
const BREAKER = listedSpared({ ip: '192.0.2.11', reason: 'breaker', bad: 30, good: 0, share: 0 });
const ALL = [FAR, LOGINS, NEAR];

function ipsOf(spared: typeof ALL, selection: Partial<Parameters<typeof selectedSpared>[1]> = {}): string[] {
  const all = { rule: undefined, network: undefined, sort: 'until', ...selection } as const;
  return selectedSpared(spared, all).map(({ ip }) => ip);
}

describe('cli/list-selection: spared clients', () => {
  it('come with the nearest to its share first', () => {
    expect(ipsOf(ALL)).to.deep.equal([NEAR.ip, LOGINS.ip, FAR.ip]);
  });

  it('come first where only the breaker keeps them from a block, whatever the share of the rule', () => {
    expect(ipsOf([...ALL, BREAKER])[0]).to.equal(BREAKER.ip);
  });

  it('come by address or by their start where that is wanted', () => {
    expect(ipsOf(ALL, { sort: 'ip' })).to.deep.equal([FAR.ip, NEAR.ip, LOGINS.ip]);
    expect(ipsOf(ALL, { sort: 'since' })).to.deep.equal([FAR.ip, NEAR.ip, LOGINS.ip]);
  });

  it('are those of a rule or of a network', () => {
    expect(ipsOf(ALL, { rule: 'auth-failures' })).to.deep.equal([LOGINS.ip]);
    expect(ipsOf(ALL, { network: '192.0.2.8/30' })).to.deep.equal([NEAR.ip, FAR.ip]);
    expect(ipsOf(ALL, { network: ' unknown[192.0.2.9]:25' })).to.deep.equal([FAR.ip]);
  });
});
