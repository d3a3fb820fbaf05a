// The text of explanations, and of the tally.

import { expect } from 'chai';
import { EXPLANATION_VERSION, type Explanation } from '../../src/explain/explanation.ts';
import { explanationText } from '../../src/explain/explanation-text.ts';
import { Tally } from '../../src/explain/tally.ts';
import { HOSTILE, isHarmless } from '../cli/text/hostile.ts';
import { PLAIN } from '../desk/answers.ts';

const EVENT = {
  kind: 'dropped-connection',
  class: 'timeout',
  count: 1,
  ending: null,
  rules: [{ rule: 'connection-spam', limit: 120, within: 600, enforced: true }],
} as const;

function explanation(changes: Partial<Explanation> = {}): Explanation {
  return {
    version: EXPLANATION_VERSION,
    source: '-',
    line: 7,
    text: 'Nov 23 10:00:05 mx1 postfix/smtpd[311]: timeout after DATA from mx.a.example[2001:db8::7]',
    result: 'later',
    why: 'session',
    reason: 'it counts when the session ends',
    record: {
      at: '2026-11-23T10:00:05.000Z',
      program: 'smtpd',
      process: 'mx1 postfix/smtpd[311]',
      repeat: 1,
    },
    fact: 'drop',
    says: 'the server ends the connection (timeout)',
    client: {
      address: '2001:db8::7',
      name: 'mx.a.example',
      key: '2001:db8::/64',
      allowed: null,
      isNamed: true,
    },
    events: [],
    good: [],
    expected: EVENT,
    ...changes,
  };
}

/** An explanation in which every text is this one. */
function hostile(text: string): Explanation {
  return explanation({
    source: text,
    text,
    client: { address: text, name: text, key: null, allowed: text, isNamed: false },
    record: { at: '2026-11-23T10:00:05.000Z', program: 'smtpd', process: text, repeat: 2 },
    events: [{ ...EVENT, ending: text, rules: [{ ...EVENT.rules[0], rule: text }] }],
    good: [
      {
        kind: 'login',
        recipients: null,
        isUserKnown: true,
        rules: [{ rule: text, share: 0.5, forgives: true, enforced: true }],
      },
    ],
    expected: null,
  });
}

describe('explain/explanation-text', () => {
  it('has the line, its result, and how it is read', () => {
    expect(explanationText(explanation(), PLAIN)).to.equal(
      `7: Nov 23 10:00:05 mx1 postfix/smtpd[311]: timeout after DATA from
    mx.a.example[2001:db8::7]
    LATER: it counts when the session ends
    fact     the server ends the connection (timeout)
    event    dropped-connection, timeout, when the session ends
    rule     connection-spam: 120 in 10m
    client   mx.a.example[2001:db8::7], counted as 2001:db8::/64
    record   2026-11-23 10:00:05 UTC, smtpd, mx1 postfix/smtpd[311]

`,
    );
  });

  it('has only the line and the reason where there is no record', () => {
    const unread = explanation({
      source: 'mail.log',
      text: 'hello',
      result: 'unread',
      reason: 'no time stands there',
      record: null,
      fact: null,
      says: null,
      client: null,
      expected: null,
    });
    expect(explanationText(unread, PLAIN)).to.equal(
      'mail.log:7: hello\n    NOT READ: no time stands there\n\n',
    );
  });

  it('has no reason where the fact alone shows that nothing is to be counted', () => {
    const nothing = { result: 'nothing', expected: null, reason: 'x', says: 'y' } as const;
    const textOf = (why: 'no-event' | 'no-sender') =>
      explanationText(explanation({ ...nothing, why }), PLAIN);
    expect(textOf('no-event')).to.include('\n    NOTHING TO COUNT\n    fact     y\n');
    expect(textOf('no-sender')).to.include('\n    NOTHING TO COUNT: x\n    fact     y\n');
  });

  const said: readonly [what: string, changes: Partial<Explanation>, text: string][] = [
    [
      'why a client is not counted: the entry that allows it',
      {
        client: {
          address: '192.0.2.7',
          name: null,
          key: '192.0.2.7',
          allowed: '192.0.2.0/24',
          isNamed: true,
        },
      },
      'allow    192.0.2.0/24',
    ],
    [
      'how the connection ended',
      { events: [{ ...EVENT, ending: 'timeout after DATA' }] },
      'because  timeout after DATA',
    ],
    [
      'how many events a line gives',
      { events: [{ ...EVENT, count: 3 }] },
      'event    3 times dropped-connection, timeout',
    ],
    [
      'that a rule only watches',
      { events: [{ ...EVENT, rules: [{ ...EVENT.rules[0], enforced: false }] }] },
      'rule     connection-spam: 120 in 10m (watched)',
    ],
    [
      'how many recipients an accepted message has, and which rules compare it with what they count',
      {
        good: [
          {
            kind: 'accepted-message',
            recipients: 3,
            isUserKnown: null,
            rules: [
              { rule: 'rejected-recipients', share: 0.1, forgives: false, enforced: true },
              { rule: 'rejected-after-data', share: 0.125, forgives: false, enforced: false },
            ],
          },
        ],
      },
      'good     accepted message, 3 recipients\n    rule     rejected-recipients: share 10%\n    rule     rejected-after-data: share 12.5% (watched)',
    ],
    [
      'what a login takes back',
      {
        good: [
          {
            kind: 'login',
            recipients: null,
            isUserKnown: true,
            rules: [{ rule: 'auth-failures', share: 0.5, forgives: true, enforced: true }],
          },
        ],
      },
      'good     login\n    rule     auth-failures: share 50%, takes back failures of this user',
    ],
    [
      'that the user of a login is not known',
      { good: [{ kind: 'login', recipients: null, isUserKnown: false, rules: [] }] },
      'good     login of a user that Postfix did not log',
    ],
    [
      'that a connection ended in order',
      { good: [{ kind: 'ended-connection', recipients: null, isUserKnown: null, rules: [] }] },
      'good     connection that ended in order',
    ],
    [
      'that an earlier line names the client',
      { client: { address: '192.0.2.7', name: null, key: '192.0.2.7', allowed: null, isNamed: false } },
      'client   192.0.2.7, named by an earlier line',
    ],
  ];
  for (const [what, changes, text] of said) {
    it(`says ${what}`, () =>
      expect(explanationText(explanation(changes), PLAIN)).to.include(`\n    ${text}\n`));
  }

  for (const [what, text] of HOSTILE) {
    it(`shows ${what} harmlessly wherever it occurs, in lines that fit, and not too many`, () => {
      for (const columns of [80, 132]) {
        const shown = explanationText(hostile(text), { ...PLAIN, columns });
        expect(shown).to.satisfy(isHarmless);
        for (const line of shown.split('\n')) expect(line.length, line).to.be.at.most(columns);
      }
    });
  }

  it('cuts a line of any length', () => {
    const shown = explanationText(explanation({ text: 'x'.repeat(8192) }), PLAIN);
    expect(shown.split('\n')).to.have.lengthOf.below(15);
    expect(shown).to.include('…');
  });

  it('colours the result where the terminal has colours', () => {
    const shown = explanationText(explanation(), { ...PLAIN, isColored: true });
    expect(shown).to.include('\x1b[32m    LATER: it counts when the session ends\x1b[0m\n');
  });
});

describe('explain/explanation-text', () => {
  it('counts results and reasons, the most frequent first', () => {
    const tally = new Tally();
    const later = explanation();
    const counted = explanation({ result: 'counted', why: null, reason: null, expected: null });
    const unread = explanation({ result: 'unread', why: 'no-time', record: null });
    for (const one of [later, ...Array(12).fill(counted), unread, later]) tally.add(one);
    expect(tally.text(PLAIN)).to.equal(`15 lines
  12  COUNTED
   2  LATER: it counts when the session ends, at the disconnect line
   1  NOT READ: it does not start with a time in a known form
`);
    expect([tally.lines, tally.records]).to.deep.equal([15, 14]);
  });
});
