// Details of log lines for support: sender, recipient, reply, login, ending; bounded, and never a guess.

import { expect } from 'chai';
import fc from 'fast-check';
import type { Detail } from '../../../src/blocks/events/event.ts';
import { LogReader } from '../../../src/maillog/reader.ts';
import { StampReader } from '../../../src/maillog/syslog/stamp.ts';
import { clientText, fill, HOSTILE } from '../arbitraries.ts';
import { line, OWN_TEXT, START } from '../log.ts';
import { parseLine } from '../parse-line.ts';

const C = 'mail.example.net[192.0.2.1]';
const UNKNOWN = '550 5.1.1 <b@example.com>: Recipient address rejected: User unknown';

/** The detail of every event that the lines give; the lines are read as the bytes of a log file are. */
function detailsOf(...lines: string[]): Detail[] {
  const reader = new LogReader();
  reader.texts.add([OWN_TEXT]);
  const stamps = new StampReader();
  const details: Detail[] = [];
  for (const text of lines) {
    const record = parseLine(Buffer.from(text).toString('latin1'), stamps, START);
    if (record === undefined) continue;
    reader.read(record, ({ detail }) => {
      if (detail !== undefined) details.push(detail());
    });
  }
  return details;
}

/** The detail of one smtpd rejection at RCPT, without its line. */
function rejection(envelope: string, reply = UNKNOWN): Partial<Detail> {
  const [detail] = detailsOf(line(`NOQUEUE: reject: RCPT from ${C}: ${reply}; ${envelope}`));
  if (detail === undefined) throw new Error('no event');
  const { line: _, ...rest } = detail;
  return rest;
}

describe('maillog/postfix/detail: rejections', () => {
  it('tell sender, recipient, HELO name and the answer, and the line without its time', () => {
    const message = `NOQUEUE: reject: RCPT from ${C}: ${UNKNOWN}; from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<mail.example.net>`;
    expect(detailsOf(line(message))).to.deep.equal([
      {
        stage: 'RCPT',
        sender: 'a@example.net',
        recipient: 'b@example.com',
        helo: 'mail.example.net',
        reply: UNKNOWN,
        line: `mx postfix/smtpd[101]: ${message}`,
      },
    ]);
  });

  it('of postscreen have commas between', () => {
    const reply = '550 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.example';
    const envelope = 'from=<a@example.net>, to=<b@example.com>, proto=ESMTP, helo=<mail.example.net>';
    const message = `NOQUEUE: reject: RCPT from [192.0.2.1]:40000: ${reply}; ${envelope}`;
    const [detail] = detailsOf(line(message, 'postscreen'));
    expect(detail).to.deep.include({
      sender: 'a@example.net',
      recipient: 'b@example.com',
      helo: 'mail.example.net',
      reply,
    });
  });

  it('have an empty sender where a bounce was refused', () => {
    expect(rejection('from=<> to=<b@example.com> proto=ESMTP helo=<x>')).to.include({
      sender: '',
      recipient: 'b@example.com',
    });
  });

  it('have no HELO name where the client gave none, also where an address looks like one', () => {
    expect(rejection('from=<a@example.net> to=<b@example.com> proto=SMTP')).to.deep.equal({
      stage: 'RCPT',
      sender: 'a@example.net',
      recipient: 'b@example.com',
      reply: UNKNOWN,
    });
    const sender = '"x helo=<y"@example.net';
    expect(rejection(`from=<${sender}> to=<b@example.com> proto=SMTP`)).to.deep.equal({
      stage: 'RCPT',
      sender,
      recipient: 'b@example.com',
      reply: UNKNOWN,
    });
  });

  it('take blanks and words in a HELO name for what they are', () => {
    expect(rejection('from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<x proto=SMTP y>')).to.include(
      {
        sender: 'a@example.net',
        recipient: 'b@example.com',
        helo: 'x proto=SMTP y',
      },
    );
  });

  for (const address of [
    '"x to=<y"@example.org',
    '"x from=<y"@example.org',
    '"x proto=SMTP y"@example.org',
    '"x proto=ESMTP helo=<y"@example.org',
  ]) {
    it(`are not misled by ${address} as the sender or as the recipient`, () => {
      expect(rejection(`from=<${address}> to=<b@example.com> proto=ESMTP helo=<h>`)).to.deep.equal({
        stage: 'RCPT',
        sender: address,
        recipient: 'b@example.com',
        helo: 'h',
        reply: UNKNOWN,
      });
      expect(rejection(`from=<a@example.net> to=<${address}> proto=ESMTP helo=<h>`)).to.deep.equal({
        stage: 'RCPT',
        sender: 'a@example.net',
        recipient: address,
        helo: 'h',
        reply: UNKNOWN,
      });
    });
  }

  it('tell what is whole of a line that was cut off', () => {
    const envelope = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<mail.example.net>';
    const until = (text: string) => envelope.slice(0, envelope.indexOf(text) + text.length);
    expect(rejection(until('helo=<mail')))
      .to.include({ recipient: 'b@example.com' })
      .and.not.have.property('helo');
    expect(rejection(until('to=<b@')))
      .to.include({ sender: 'a@example.net' })
      .and.not.have.property('recipient');
    expect(rejection(until('from=<a@')))
      .to.include({ reply: UNKNOWN })
      .and.not.have.property('sender');
  });

  it('of ours tell the mail that they cost, and at CONNECT only the stage', () => {
    const refusal = `554 5.7.1 <${C}>: Client host rejected: ${OWN_TEXT}`;
    expect(rejection('from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<h>', refusal)).to.include({
      stage: 'RCPT',
      sender: 'a@example.net',
      recipient: 'b@example.com',
    });
    const [detail] = detailsOf(line(`NOQUEUE: reject: CONNECT from ${C}: ${refusal}; proto=SMTP`));
    expect(detail).to.include({ stage: 'CONNECT' });
    expect(detail).to.not.have.any.keys('sender', 'recipient', 'helo');
  });

  it('after a login tell the SASL user of the session', () => {
    const details = detailsOf(
      line(`4F1B2A3C4D: client=${C}, sasl_method=PLAIN, sasl_username=info@example.net`),
      line(
        `4F1B2A3C4D: milter-reject: END-OF-MESSAGE from ${C}: 550 5.7.1 Spam; from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<h>`,
      ),
    );
    expect(details).to.have.lengthOf(1);
    expect(details[0]).to.include({
      stage: 'END-OF-MESSAGE',
      user: 'info@example.net',
      reply: '550 5.7.1 Spam',
    });
  });

  it('of header_checks tell sender, recipient and reason', () => {
    const envelope = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<h>';
    const [detail] = detailsOf(
      line(`4F1B2A3C4D: client=${C}`),
      line(
        `4F1B2A3C4D: reject: header Subject: unwanted from ${C}; ${envelope}: 5.7.1 Unwanted message`,
        'cleanup',
        202,
      ),
    );
    expect(detail).to.include({ sender: 'a@example.net', recipient: 'b@example.com', helo: 'h' });
    expect(detail?.reply).to.contain('Unwanted message');
  });

  it('tell the SASL user that the line itself has, from Postfix 3.10 on, beside the HELO name', () => {
    const envelope = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<mail.example.net>';
    expect(rejection(`${envelope} sasl_method=PLAIN sasl_username=anna@example.net`)).to.deep.equal({
      stage: 'RCPT',
      user: 'anna@example.net',
      sender: 'a@example.net',
      recipient: 'b@example.com',
      helo: 'mail.example.net',
      reply: UNKNOWN,
    });
    expect(rejection(`${envelope} sasl_method=PLAIN sasl_username=x proto=SMTP helo=<y to=<z`)).to.include({
      user: 'x proto=SMTP helo=<y to=<z',
      recipient: 'b@example.com',
      helo: 'mail.example.net',
    });
  });

  it('are text again where the log holds UTF-8', () => {
    expect(rejection('from=<jürgen@例.example> to=<b@example.com> proto=ESMTP helo=<h>').sender).to.equal(
      'jürgen@例.example',
    );
  });
});

describe('maillog/postfix/detail: logins', () => {
  it('that failed tell mechanism and user, where Postfix logged one', () => {
    const failed = `warning: ${C}: SASL LOGIN authentication failed: UGFzc3dvcmQ6`;
    expect(detailsOf(line(failed))).to.deep.equal([
      { mechanism: 'LOGIN', line: `mx postfix/smtpd[101]: ${failed}` },
    ]);
    const [detail] = detailsOf(line(`${failed}, sasl_username=info@example.net`));
    expect(detail).to.include({ mechanism: 'LOGIN', user: 'info@example.net' });
  });

  it('that failed tell the mechanism before Postfix 2.3 too', () => {
    const failed = `warning: ${C}: SASL LOGIN authentication failed`;
    expect(detailsOf(line(failed))).to.deep.equal([
      { mechanism: 'LOGIN', line: `mx postfix/smtpd[101]: ${failed}` },
    ]);
  });

  it('keep a user name whole that looks like the end of a line', () => {
    const user = 'x, sasl_username=y from=<z>';
    const [detail] = detailsOf(
      line(`warning: ${C}: SASL PLAIN authentication failed: , sasl_username=${user}`),
    );
    expect(detail).to.include({ mechanism: 'PLAIN', user });
  });
});

describe('maillog/postfix/detail: endings', () => {
  for (const [ending, said] of [
    ['too many errors after RCPT', `too many errors after RCPT from ${C}`],
    ['timeout after DATA (2048 bytes)', `timeout after DATA (2048 bytes) from ${C}`],
    [
      'improper command pipelining after EHLO',
      `improper command pipelining after EHLO from ${C}: x from y[1]`,
    ],
    ['SSL_accept error', `SSL_accept error from ${C}: -1`],
  ] as const) {
    it(`are given in Postfix's own words: ${ending}`, () => {
      const end = `disconnect from ${C} ehlo=0/1 commands=0/1`;
      const details = detailsOf(line(`connect from ${C}`), line(said), line(end));
      expect(details).to.deep.equal([{ ending, line: `mx postfix/smtpd[101]: ${said}` }]);
    });
  }

  it('of postscreen too, whatever the client said too early', () => {
    const early = 'PREGREET 14 after 0.08 from [192.0.2.1]:40000: EHLO a from b[c]';
    const details = detailsOf(line(early, 'postscreen'), line('DISCONNECT [192.0.2.1]:40000', 'postscreen'));
    expect(details.map(({ ending }) => ending)).to.deep.equal(['PREGREET 14 after 0.08']);
  });
});

describe('maillog/postfix/detail: bounds', () => {
  const texts = (details: readonly Detail[]) => details.flatMap((detail) => Object.entries(detail));

  it('hold for addresses, answers, names and lines without end', () => {
    const long = 'x'.repeat(5000);
    const details = detailsOf(
      line(
        `NOQUEUE: reject: RCPT from ${C}: 550 5.1.1 ${long}; from=<${long}> to=<${long}> proto=ESMTP helo=<${long}>`,
      ),
      line(`warning: ${C}: SASL LOGIN authentication failed: x, sasl_username=${long}`),
    );
    expect(details).to.have.lengthOf(2);
    for (const [name, text] of texts(details)) {
      expect(text.length, name).to.be.at.most(name === 'line' ? 321 : 161);
      if (name !== 'mechanism' && name !== 'stage') expect(text, name).to.match(/…$/);
    }
  });

  it('hold for whatever clients write, in whole lines and in cut ones, and nothing throws', () => {
    const template = fc.constantFrom(...HOSTILE);
    const cut = fc.option(fc.nat(400), { nil: undefined });
    const hostile = fc.array(fc.tuple(template, clientText, cut), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(hostile, (parts) => {
        const lines = parts.map(([{ program, message }, text, length]) =>
          line(fill(message, '192.0.2.1', () => text).slice(0, length), program).replaceAll('\n', ' '),
        );
        const details = detailsOf(...lines, line('disconnect from unknown[192.0.2.1]'));
        for (const [name, text] of texts(details)) {
          expect(text, name).to.be.a('string');
          expect(text.length, name).to.be.at.most(name === 'line' ? 321 : 161);
        }
      }),
      { numRuns: 500 },
    );
  });
});
