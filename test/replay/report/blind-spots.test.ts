// The blind spots of the log reader: lines that it cannot read, and rejections that are not counted, by form.

import { expect } from 'chai';
import { LogReader } from '../../../src/maillog/reader.ts';
import { BlindSpotFinder } from '../../../src/replay/report/blind-spots.ts';
import type { Form } from '../../../src/replay/report/report.ts';
import { type Input, superlinear } from '../../harness/linear.ts';
import { fill, HOSTILE } from '../../maillog/arbitraries.ts';
import { line } from '../../maillog/log.ts';
import { recordsOf, replayed } from '../small-log.ts';

const CLIENT = 'a.example[192.0.2.1]';
const TAIL = 'from=<x@y.z> to=<b@c.d> proto=ESMTP helo=<x>';

function uncounted(...messages: readonly string[]): readonly Form[] {
  return replayed(messages.map((text, i) => line(text, 'smtpd', 7, i))).report.blindSpots.uncounted;
}

describe('replay/report/blind-spots', () => {
  const cases: readonly (readonly [what: string, messages: string[], why: string | null])[] = [
    [
      'what no rule counts',
      [`NOQUEUE: reject: MAIL from ${CLIENT}: 554 5.7.1 <x>: Sender address rejected: no; ${TAIL}`],
      'rejected at MAIL: no rule counts that',
    ],
    [
      'what is temporary',
      [
        `NOQUEUE: reject: RCPT from ${CLIENT}: 450 4.2.0 <b@c.d>: Recipient address rejected: Greylisted; ${TAIL}`,
      ],
      'temporary (4xx)',
    ],
    [
      'what was only warned of',
      [
        `NOQUEUE: reject_warning: RCPT from ${CLIENT}: 550 5.1.1 <b@c.d>: Recipient address rejected: x; ${TAIL}`,
      ],
      'nothing was rejected',
    ],
    [
      "the server's own fault",
      [`warning: ${CLIENT}: SASL LOGIN authentication failed: connection lost to authentication server`],
      "the server's own fault",
    ],
    ['a line that is not known', [`something rejected and blocked ${CLIENT} blocked today`], null],
    [
      'a message that is refused twice',
      [
        `ABC01: client=${CLIENT}`,
        ...Array.from(
          { length: 2 },
          () => `ABC01: reject: DATA from ${CLIENT}: 554 5.5.1 <DATA>: Data command rejected: x; ${TAIL}`,
        ),
      ],
      'counted already',
    ],
  ];
  for (const [what, messages, why] of cases) {
    it(`include ${what}, with the reason`, () => {
      const forms = uncounted(...messages);
      expect(forms.length).to.equal(1);
      expect(forms[0]).to.include({ count: 1, why });
      expect(forms[0]?.example).to.equal(`mx postfix/smtpd[7]: ${messages.at(-1)}`);
    });
  }

  it('do not include lines that count, that are no rejection, or that quote a mail', () => {
    expect(
      uncounted(
        `NOQUEUE: reject: RCPT from ${CLIENT}: 550 5.1.1 <b@c.d>: Recipient address rejected: x; ${TAIL}`,
        `connect from ${CLIENT}`,
        'ABC01: message-id=<reject: authentication failed blocked by limit exceeded>',
      ),
    ).to.deep.equal([]);
  });

  it('join lines that differ only in addresses, numbers and texts of clients in one form', () => {
    const lines = [1, 2, 30].map(
      (i) =>
        `NOQUEUE: reject: MAIL from h${i}.example[192.0.2.${i}]: 554 5.7.1 <u${i}@x.y>: Sender address rejected: no; from=<u${i}@x.y> proto=SMTP helo=<h${i}>`,
    );
    expect(uncounted(...lines)[0]).to.include({
      form: 'smtpd: reject: MAIL from CLIENT: 554 5.7.1 <…>: Sender address rejected: no',
      count: 3,
    });
  });

  it('show unknown forms first, then the most frequent', () => {
    const finder = new BlindSpotFinder();
    const records = recordsOf([
      ...Array.from({ length: 3 }, () => line(`NOQUEUE: reject: RCPT from ${CLIENT}: 450 4.2.0 x; ${TAIL}`)),
      line(`${CLIENT} blocked today`),
      ...Array.from({ length: 2 }, () => line(`${CLIENT} is blocked today`)),
    ]);
    const reader = new LogReader();
    for (const record of records)
      finder.look(
        record,
        reader.read(record, () => undefined),
        reader.uncounted,
      );
    expect(finder.report.uncounted.map(({ count, why }) => [count, why])).to.deep.equal([
      [2, null],
      [1, null],
      [3, 'temporary (4xx)'],
    ]);
  });

  it('are bounded, whatever clients write: frequent forms stay, the others are only counted', () => {
    const finder = new BlindSpotFinder();
    const word = (i: number) =>
      `${String.fromCharCode(97 + (i % 26), 97 + ((i / 26) % 26), 97 + ((i / 676) % 26))}`;
    for (let i = 0; i < 5000; i++) {
      finder.unreadable(`garbage ${word(i)} ${'x'.repeat(1000)}`);
      if (i % 10 === 0) finder.unreadable('often');
    }
    const { unreadable, others } = finder.report;
    expect(unreadable.length).to.equal(20);
    expect(unreadable[0]).to.include({ form: 'often', count: 500 });
    expect(unreadable.reduce((sum, { count }) => sum + count, others)).to.equal(5500);
    for (const { form, example } of unreadable) {
      expect(form.length).to.be.at.most(100);
      expect(example.length).to.be.at.most(320);
    }
  });

  it('show text as it was written, although logs are read as bytes', () => {
    const finder = new BlindSpotFinder();
    finder.unreadable(Buffer.from('Grüße: nichts').toString('latin1'));
    expect(finder.report.unreadable[0]).to.include({ form: 'Grüße: nichts', example: 'Grüße: nichts' });
  });

  it('take linear time at most, whatever the line', () => {
    const parts = [
      'a[',
      '[',
      ']',
      '<',
      '>',
      '1',
      '1234',
      '1.',
      ':',
      'a',
      ' ',
      '; from=<',
      'reject: ',
      'SASL ',
      '[::1]:1',
    ];
    const prefixes = ['', 'NOQUEUE: reject: ', 'warning: ', 'reject: RCPT from x: '];
    const inputs: Input[] = prefixes.flatMap((prefix) => parts.map((pump) => ({ prefix, pump })));
    const feed = (text: string) => {
      const finder = new BlindSpotFinder();
      finder.unreadable(text);
      finder.look({ at: 0, program: 'smtpd', process: 'mx smtpd[1', message: `${text} blocked ` }, undefined);
    };
    expect(superlinear(feed, inputs)).to.deep.equal([]);
  });

  it('include no line of Postfix that counts', () => {
    for (const { program, message } of HOSTILE.filter((template) => template.program !== 'smtp')) {
      const { report } = replayed([
        line(
          fill(message, '192.0.2.1', () => 'x'),
          program,
        ),
      ]);
      const events = report.events.reduce((sum, { count }) => sum + count, 0);
      if (events > 0) expect(report.blindSpots.uncounted, message).to.deep.equal([]);
    }
  });
});
