// The text of what was done by hand.

import { expect } from 'chai';
import { doneText } from '../../../src/cli/text/done-text.ts';
import type { DoneAnswer } from '../../../src/desk/answers.ts';
import { NOW } from '../../desk/answers.ts';
import { HOSTILE, isHarmless } from './hostile.ts';

type Done = DoneAnswer['done'][number];

const UTC = { now: NOW, columns: Number.POSITIVE_INFINITY, isColored: false };

describe('cli/text/done-text: the result of a command as text', () => {
  const until = '2026-11-24T20:09:09.500Z';
  const table: readonly [done: Parameters<typeof doneText>[0]['done'][number], line: string][] = [
    [
      { what: 'unblocked', ip: '192.0.2.7', rule: 'auth-failures', until: null },
      '192.0.2.7: unblocked (auth-failures)',
    ],
    [{ what: 'grace', ip: '192.0.2.7', rule: null, until }, '192.0.2.7: grace until 2026-11-24 20:10 UTC'],
    [
      { what: 'blocked', ip: '2001:db8::/64', rule: 'r', until },
      '2001:db8::/64: blocked (r) until 2026-11-24 20:10 UTC',
    ],
    [
      { what: 'allowed', ip: '192.0.2.0/24', rule: null, until },
      '192.0.2.0/24: allowed until 2026-11-24 20:10 UTC',
    ],
    [{ what: 'disallowed', ip: '192.0.2.0/24', rule: null, until: null }, '192.0.2.0/24: disallowed'],
  ];
  for (const [done, line] of table) {
    it(`says ${line}`, () => expect(doneText({ at: until, done: [done] }, UTC)).to.equal(`${line}\n`));
  }

  it('uses one line for each result', () => {
    expect(doneText({ at: until, done: table.map(([done]) => done) }, UTC)).to.equal(
      table.map(([, line]) => `${line}\n`).join(''),
    );
  });

  it('says that there was nothing to do', () => {
    expect(doneText({ at: until, done: [] }, UTC)).to.equal('nothing to do\n');
  });

  for (const [what, text] of HOSTILE) {
    it(`shows ${what} in one line of plain characters`, () => {
      const said = doneText({ at: until, done: [{ what: text, ip: text, rule: text, until: text }] }, UTC);
      expect(said).to.satisfy(isHarmless);
      expect(said.split('\n')).to.have.length(2);
    });
  }

  const recent: readonly [
    what: string,
    newest: Partial<Done>,
    isGrace: boolean,
    warning: string | undefined,
  ][] = [
    [
      'abuse of seconds ago',
      { lastAbuse: '2026-11-24T20:09:05.000Z', lastRefused: '2026-11-24T20:09:08.000Z' },
      false,
      '  warning: its newest abuse was 4s ago; if it goes on, it is blocked again, unless you give it time with --grace',
    ],
    [
      'abuse of seconds ago, with a grace',
      { lastAbuse: '2026-11-24T20:08:10.000Z' },
      true,
      '  warning: its newest abuse was 59s ago',
    ],
    [
      'a mail that was refused seconds ago',
      { lastAbuse: '2026-11-24T20:00:00.000Z', lastRefused: '2026-11-24T20:09:08.000Z' },
      false,
      '  warning: it was refused 1s ago; if it goes on, it is blocked again, unless you give it time with --grace',
    ],
    ['abuse of a minute ago', { lastAbuse: '2026-11-24T20:08:09.500Z', lastRefused: null }, false, undefined],
    ['an answer of an earlier release', {}, false, undefined],
  ];
  for (const [what, newest, isGrace, warning] of recent) {
    it(`${warning === undefined ? 'does not warn' : 'warns'} after ${what}`, () => {
      const unblocked: Done = { what: 'unblocked', ip: '192.0.2.7', rule: 'r', until: null, ...newest };
      const grace: Done = { what: 'grace', ip: '192.0.2.7', rule: null, until };
      const lines = doneText({ at: until, done: isGrace ? [unblocked, grace] : [unblocked] }, UTC).split(
        '\n',
      );
      expect(lines[1]).to.equal(warning ?? '');
    });
  }

  it('has its times in the zone of the reader, beside UTC', () => {
    const done: Done = { what: 'grace', ip: '192.0.2.7', rule: null, until };
    expect(doneText({ at: until, done: [done] }, { ...UTC, zone: 'Europe/Berlin' })).to.equal(
      '192.0.2.7: grace until 2026-11-24 21:10 CET (20:10 UTC)\n',
    );
  });
});
