// What other hosts have found: only what an answer of a host can hold is taken, and no more than there is room for.

import { expect } from 'chai';
import type { FoundClient } from '../../../src/desk/find/answer.ts';
import { fitting, foundBy, foundElsewhere, MAX_FOUND } from '../../../src/desk/find/elsewhere.ts';

const AT = '2026-11-23T10:20:30.000Z';
const NEWEST = { at: AT, place: 'evidence', event: null, field: 'user', text: 'bob' } as const;
const CLIENT: FoundClient = {
  ip: '192.0.2.7',
  state: 'blocked',
  rule: 'auth-failures',
  until: AT,
  matches: 3,
  newest: NEWEST,
};
const WHOLE = { found: [CLIENT], isMore: false, isComplete: true };

function at(minute: number): FoundClient {
  return { ...CLIENT, newest: { ...NEWEST, at: AT.replace('20:30', `${minute}:30`) } };
}

describe('desk/find/elsewhere: the answer of another host', () => {
  it('is taken as it is where it is whole', () => {
    expect(foundBy('mx2', WHOLE)).to.deep.equal({ host: 'mx2', ...WHOLE });
  });

  for (const wrong of [undefined, null, 'text', [], {}, { ...WHOLE, isMore: 1 }, { ...WHOLE, found: 'many' }])
    it(`is not taken where it is ${JSON.stringify(wrong)}`, () => {
      expect(foundBy('mx2', wrong)).to.equal(undefined);
    });

  const damaged: readonly (readonly [name: string, client: unknown])[] = [
    ['no object', 'x'],
    ['an IP that is none', { ...CLIENT, ip: 'x'.repeat(1000) }],
    ['a state that is none', { ...CLIENT, state: 'gone' }],
    ['a rule that is too long', { ...CLIENT, rule: 'x'.repeat(101) }],
    ['an end that is no time', { ...CLIENT, until: 'later' }],
    ['a number of matches that is none', { ...CLIENT, matches: -1 }],
    ['no match', { ...CLIENT, newest: null }],
    ['a time that is none', { ...CLIENT, newest: { ...NEWEST, at: 'now' } }],
    ['a place that all hosts share', { ...CLIENT, newest: { ...NEWEST, place: 'audit-trail' } }],
    ['a field that is none', { ...CLIENT, newest: { ...NEWEST, field: 'password' } }],
    ['a text that is too long', { ...CLIENT, newest: { ...NEWEST, text: 'x'.repeat(203) } }],
  ];
  for (const [name, client] of damaged)
    it(`loses a client with ${name}`, () => {
      expect(foundBy('mx2', { ...WHOLE, found: [client, CLIENT] })?.found).to.deep.equal([CLIENT]);
    });

  it('loses what no host sends, and what is too much', () => {
    const found = Array.from({ length: 1000 }, () => ({ ...CLIENT, more: 'x' }));
    const taken = foundBy('mx2', { ...WHOLE, found });
    expect(taken?.found).to.have.length(MAX_FOUND);
    expect(taken?.found[0]).to.deep.equal(CLIENT);
    expect(taken?.isMore).to.equal(true);
  });
});

describe('desk/find/elsewhere: the answers of all hosts', () => {
  it('are those that have found anything or are not complete, the newest match first', () => {
    const answers = new Map<string, unknown>([
      ['mx2', { ...WHOLE, found: [at(10)] }],
      ['mx3', { ...WHOLE, found: [at(40)] }],
      ['mx4', { ...WHOLE, found: [] }],
      ['mx5', { ...WHOLE, found: [], isComplete: false }],
      ['mx6', 'of no host'],
    ]);
    const { hosts, asked, missing } = foundElsewhere(answers, ['mx7'], 100);
    expect(hosts.map(({ host }) => host)).to.deep.equal(['mx3', 'mx2', 'mx5']);
    expect(asked).to.equal(6);
    expect(missing).to.deep.equal(['mx7', 'mx6']);
  });

  it('have no more clients together than the limit: the newest', () => {
    const answers = new Map<string, unknown>([
      ['mx2', { ...WHOLE, found: [at(50), at(20), at(10)] }],
      ['mx3', { ...WHOLE, found: [at(40), at(30)] }],
    ]);
    const { hosts } = foundElsewhere(answers, [], 3);
    const shown = hosts.map(({ host, found, isMore }) => [
      host,
      found.map(({ newest }) => newest.at.slice(14, 16)),
      isMore,
    ]);
    expect(shown).to.deep.equal([
      ['mx2', ['50'], true],
      ['mx3', ['40', '30'], false],
    ]);
  });

  it('name ten hosts at most that have not answered', () => {
    const missing = Array.from({ length: 50 }, (_, index) => `mx${index}`);
    const elsewhere = foundElsewhere(new Map(), missing, 100);
    expect(elsewhere.missing).to.have.length(10);
    expect(elsewhere.asked).to.equal(50);
  });
});

describe('desk/find/elsewhere: the answer of this host', () => {
  it('has as many clients as there is room for, whatever they wrote', () => {
    const text = '\u0000'.repeat(200);
    const found = Array.from({ length: MAX_FOUND }, () => ({ ...CLIENT, newest: { ...NEWEST, text } }));
    const answer = fitting({ ...WHOLE, found });
    expect(Buffer.byteLength(JSON.stringify(answer))).to.be.within(55_000, 65_536);
    expect(answer.isMore).to.equal(true);
    expect(fitting(WHOLE)).to.equal(WHOLE);
  });
});
