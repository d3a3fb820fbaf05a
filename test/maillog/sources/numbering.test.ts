// The numbering of a source: its form in a snapshot, its bounds, and room for the events of any record.

import { expect } from 'chai';
import type { LogEvent } from '../../../src/blocks/events/event.ts';
import { Numbering } from '../../../src/maillog/sources/numbering.ts';
import type { LogRecord } from '../../../src/maillog/syslog/record.ts';
import { MAX_REPETITIONS } from '../../../src/maillog/syslog/repetition.ts';
import { newReader, START } from '../log.ts';

const LOG = '/var/log/mail.log';
const SINCE = new Date(START).toISOString();
const LAST = 2 ** 42 - 1;

function numberOf(numbering: Numbering | undefined, index: number): number {
  return numbering?.identityOf(index).number ?? 0;
}

function record(message: string, repeat = 1): LogRecord {
  return { at: START, program: 'smtpd', process: 'mx1 postfix/smtpd[1', message, repeat };
}

describe('maillog/sources/numbering', () => {
  it('gives the events of a record higher numbers than those of the record before', () => {
    const numbering = new Numbering(LOG, START);
    numbering.next(START);
    const first = [0, 1, 2047].map((index) => numberOf(numbering, index));
    numbering.next(START);
    const numbers = [...first, numberOf(numbering, 0)];
    expect(numbers).to.deep.equal([...new Set(numbers)].toSorted((a, b) => a - b));
    expect(numbering.identityOf(0)).to.include({ source: LOG, since: SINCE });
  });

  it('continues from a snapshot', () => {
    const numbering = new Numbering(LOG, START);
    for (let i = 0; i < 5; i++) numbering.next(START);
    const restored = Numbering.restored(LOG, JSON.parse(JSON.stringify(numbering.state)));
    expect(restored?.identityOf(3)).to.deep.equal(numbering.identityOf(3));
  });

  it('begins again, under another time, after its last number, which is a safe integer', () => {
    const numbering = Numbering.restored(LOG, { since: SINCE, last: LAST - 1 });
    numbering?.next(START + 5);
    expect(numberOf(numbering, 2047)).to.equal(Number.MAX_SAFE_INTEGER);
    numbering?.next(START + 6);
    expect(numbering?.state).to.deep.equal({ since: new Date(START + 6).toISOString(), last: 1 });
  });

  const damaged: readonly (readonly [what: string, state: unknown])[] = [
    ['nothing', null],
    ['a number alone', 7],
    ['a state without a time', { last: 7 }],
    ['a state of no time', { since: 'noon', last: 7 }],
    ['a state without a number', { since: SINCE }],
    ['a number as text', { since: SINCE, last: '7' }],
    ['half a number', { since: SINCE, last: 0.5 }],
    ['a negative number', { since: SINCE, last: -1 }],
    ['a number above the last', { since: SINCE, last: LAST + 1 }],
    ['a number beyond 2^53', { since: SINCE, last: 2 ** 53 }],
  ];
  for (const [what, state] of damaged)
    it(`is not restored from ${what}`, () => expect(Numbering.restored(LOG, state)).to.equal(undefined));

  it('begins in 1970 where it is given a time that no Date holds', () => {
    expect(new Numbering(LOG, Number.POSITIVE_INFINITY).state.since).to.equal('1970-01-01T00:00:00.000Z');
  });

  const lines: readonly (readonly [what: string, record: LogRecord, fewest: number])[] = [
    [
      'the most refused logins at the end of a session that the server ended',
      record(
        'disconnect from unknown[192.0.2.1] ehlo=1 auth=0/999999999 commands=1/999999999',
        MAX_REPETITIONS,
      ),
      1001,
    ],
    [
      'the most repetitions',
      record('warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6', MAX_REPETITIONS),
      MAX_REPETITIONS,
    ],
  ];
  for (const [what, last, fewest] of lines) {
    it(`has room for the events of a record with ${what}`, () => {
      const reader = newReader();
      const events: LogEvent[] = [];
      for (const message of [
        'connect from unknown[192.0.2.1]',
        'too many errors after AUTH from unknown[192.0.2.1]',
      ])
        reader.read(record(message), () => undefined);
      reader.read(last, (event) => events.push(event));
      expect(events.length).to.be.within(fewest, 2 ** 11);
    });
  }
});
