// The text of find: each client with what it is now and its newest match, whatever the clients wrote.

import { expect } from 'chai';
import { findText } from '../../../src/cli/text/find-text.ts';
import type { FindAnswer, FoundClient, FoundMatch } from '../../../src/desk/find/answer.ts';
import { NOW, PLAIN } from '../../desk/answers.ts';
import { HOSTILE, isHarmless } from './hostile.ts';

const MATCH: FoundMatch = {
  at: '2026-11-24T19:04:10.000Z',
  place: 'evidence',
  event: null,
  field: 'user',
  text: 'bob@customer.example',
};

function client(changes: Partial<FoundClient> = {}): FoundClient {
  return { ip: '192.0.2.7', state: 'none', rule: null, until: null, matches: 1, newest: MATCH, ...changes };
}

function answer(changes: Partial<FindAnswer> = {}): FindAnswer {
  return {
    at: new Date(NOW).toISOString(),
    source: 'daemon',
    trouble: [],
    sought: 'bob',
    isNetwork: false,
    found: [client()],
    isMore: false,
    leftOut: [],
    ...changes,
  };
}

function flat(changes: Partial<FindAnswer>): string {
  return findText(answer(changes), PLAIN).replace(/\s+/g, ' ').trim();
}

describe('cli/text/find-text', () => {
  const until = '2026-11-24T21:09:00.000Z';
  const states: readonly (readonly [state: Partial<FoundClient>, text: string])[] = [
    [{ state: 'none' }, 'not blocked'],
    [{ state: 'blocked', rule: 'auth-failures', until }, 'blocked by auth-failures, ends in 2h ('],
    [{ state: 'watched', rule: 'watch', until }, 'not blocked, only watched by watch, ends in 2h ('],
    [{ state: 'spared', rule: 'auth-failures' }, 'not blocked, spared by auth-failures'],
    [{ state: 'grace', until }, 'not blocked, in grace, ends in 2h ('],
    [{ state: 'allowed' }, 'allowed by the policy'],
    [{ state: 'allowed', until }, 'allowed by hand, ends in 2h ('],
  ];
  for (const [changes, text] of states)
    it(`has a client that is ${text}`, () =>
      expect(flat({ found: [client(changes)] })).to.contain(`192.0.2.7 is ${text}`));

  it('has the newest match, and how many there are', () => {
    expect(flat({})).to.contain('evidence, SASL user: bob@customer.example').and.not.contain('newest of');
    expect(flat({ found: [client({ matches: 1200 })] })).to.contain(
      'bob@customer.example (the newest of 1,200 matches)',
    );
    const newest: FoundMatch = {
      ...MATCH,
      place: 'audit-trail',
      event: 'end',
      field: 'reason',
      text: 'ticket',
    };
    expect(flat({ found: [client({ newest })] })).to.contain('audit trail (end), reason: ticket');
    const whole: FoundMatch = { ...MATCH, place: 'block', field: 'ip', text: '192.0.2.7' };
    expect(findText(answer({ found: [client({ newest: whole })] }), PLAIN)).to.match(/: block\n$/);
  });

  it('says that nothing was found', () => {
    expect(flat({ found: [] })).to.equal('nothing that postblock keeps contains "bob"');
    expect(flat({ found: [], sought: '192.0.2.0/24', isNetwork: true })).to.equal(
      'nothing is known of 192.0.2.0/24',
    );
  });

  it('says what was left out, and why', () => {
    expect(flat({ isMore: true })).to.contain('only the newest 1 IP: --limit N');
    for (const [why, text] of [
      ['time', 'not searched to its end'],
      ['size', 'only the newest 64 MiB'],
      ['compression', 'another program than gzip'],
      ['unreadable', 'could not be read'],
    ] as const)
      expect(flat({ leftOut: [{ what: 'audit-trail', why }] })).to.contain(text);
    expect(flat({ leftOut: [{ what: 'clients', why: 'time' }] })).to.contain('not all clients were searched');
  });

  const none = { hosts: [], asked: 2, missing: [] };
  const there = { host: 'mx2', found: [client()], isMore: false, isComplete: true };
  const elsewhere: readonly (readonly [FindAnswer['elsewhere'], text: string])[] = [
    [null, 'On other hosts the shared server does not answer'],
    [none, 'On other hosts nothing was found there'],
    [{ ...none, missing: ['mx2', 'mx3'] }, 'nothing was found there not answered: mx2, mx3'],
    [{ ...none, hosts: [there] }, 'On other hosts mx2 192.0.2.7 is not blocked 2026-11-24'],
    [{ ...none, hosts: [{ ...there, isMore: true }] }, 'there are more IPs: search there'],
    [{ ...none, hosts: [{ ...there, isComplete: false }] }, 'not all clients were searched in time'],
  ];
  for (const [found, text] of elsewhere)
    it(`says of other hosts: ${text}`, () => expect(flat({ elsewhere: found ?? null })).to.contain(text));

  it('has nothing of other hosts where none share', () => {
    expect(flat({})).not.to.contain('other hosts');
  });

  for (const [what, text] of HOSTILE)
    it(`is harmless with ${what}, and fits the width`, () => {
      const found = [client({ newest: { ...MATCH, text }, ip: text, rule: text, state: 'blocked' })];
      const hosts = [{ ...there, host: text, found, isMore: true, isComplete: false }];
      const others = { ...none, hosts, missing: [text] };
      const shown = findText(answer({ found, sought: text, elsewhere: others }), PLAIN);
      expect(isHarmless(shown), shown).to.equal(true);
      for (const line of shown.split('\n')) expect(line.length, line).to.be.at.most(80);
      expect(isHarmless(findText(answer({ found: [], sought: text }), PLAIN))).to.equal(true);
    });
});
