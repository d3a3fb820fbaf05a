// Wrappers of a message: rsyslog's count of repetitions, the message ID of Solaris.

import { expect } from 'chai';
import fc from 'fast-check';
import { MAX_REPETITIONS, unwrapped } from '../../../src/maillog/syslog/repetition.ts';
import { charges, eventsOf, line, newReader } from '../log.ts';

const FAILED = 'warning: unknown[192.0.2.10]: SASL LOGIN authentication failed: UGFzc3dvcmQ6';
const REFUSED =
  'NOQUEUE: reject: RCPT from unknown[192.0.2.10]: 550 5.1.1 <a@b.c>: Recipient address rejected: no; from=<x@y.z> to=<a@b.c> proto=ESMTP helo=<x>';

/** As rsyslog's ratelimit.c writes it. */
function repeated(message: string, count: number): string {
  return `message repeated ${count} times: [${` ${message}`.slice(0, 800)}]`;
}

describe('maillog/syslog/repetition', () => {
  it('tells what was logged, and how often', () => {
    const cases: [string, string, number | undefined][] = [
      [FAILED, FAILED, undefined],
      ['', '', undefined],
      [repeated(FAILED, 9), FAILED, 9],
      ['message repeated 2 times: [x]', 'x', 2],
      ['message repeated 2 times: []', '', 2],
      [repeated('a] [b', 3), 'a] [b', 3],
      [`[ID 197553 mail.info] ${FAILED}`, FAILED, undefined],
      [`[ID 1 local7.debug] ${repeated(FAILED, 4)}`, FAILED, 4],
      [repeated(FAILED, 1000), FAILED, 1000],
      [repeated(FAILED, 999_999_999), FAILED, MAX_REPETITIONS],
      [repeated(FAILED, 0), FAILED, 0],
    ];
    for (const [text, message, repeat] of cases)
      expect(unwrapped(text), text).to.deep.equal({ message, repeat });
  });

  it('takes nothing else for it', () => {
    const bad: [string, string][] = [
      ['message repeated 2 times: [ x', 'no bracket at the end'],
      ['message repeated 2 times: x]', 'no bracket at the beginning'],
      ['message repeated x times: [ x]', 'no number'],
      ['message repeated -2 times: [ x]', 'a number below 0'],
      ['message repeated 9999999999 times: [ x]', 'a number of ten digits'],
      ['last message repeated 2 times', 'a repetition of who knows what'],
      [' message repeated 2 times: [ x]', 'a blank in front'],
      [`x ${repeated('x', 2)}`, 'in the middle of a message'],
      ['[ID x mail.info] x', 'no number of an ID'],
      ['[ID 1 mail] x', 'no level'],
      ['[ID 1 mail.info]', 'nothing behind it'],
      ['[id 1 mail.info] x', 'small letters'],
    ];
    for (const [text, reason] of bad)
      expect(unwrapped(text), reason).to.deep.equal({ message: text, repeat: undefined });
  });

  it('counts as many events as the process logged, each with its evidence', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(FAILED, REFUSED), (count, message) => {
        const once = eventsOf([line(message)]);
        const many = eventsOf([line(message), line(repeated(message, count))]);
        expect(many).to.have.length(1 + Math.min(count, MAX_REPETITIONS));
        for (const event of many) expect(event).to.deep.equal(once[0]);
      }),
      { numRuns: 30 },
    );
  });

  it('counts a connection once, however often it is said that it was dropped', () => {
    const dropped = 'too many errors after RCPT from unknown[192.0.2.10]';
    const lines = ['connect from unknown[192.0.2.10]', dropped, repeated(dropped, 5)];
    lines.push('disconnect from unknown[192.0.2.10] rcpt=0/20 commands=1/21');
    expect(charges(lines.map((message) => line(message)))).to.deep.equal(['dropped-connection 192.0.2.10']);
  });

  it('counts a message that is rejected once, and no refusal of our own', () => {
    const id = 'ABCDE12345';
    const rejected = `${id}: milter-reject: END-OF-MESSAGE from unknown[192.0.2.10]: 5.7.1 no; from=<x@y.z> to=<a@b.c> proto=ESMTP helo=<x>`;
    const lines = [line(`${id}: client=unknown[192.0.2.10]`), line(rejected, 'cleanup')];
    expect(charges([...lines, line(repeated(rejected, 3), 'cleanup')])).to.deep.equal([
      'rejected-message 192.0.2.10',
    ]);
    const [own = ''] = newReader().texts.texts;
    const ours = REFUSED.replace('550 5.1.1', '554 5.7.1').replace(
      'Recipient address rejected: no',
      `Client host rejected: ${own}`,
    );
    expect(charges([line(ours), line(repeated(ours, 50))])).to.deep.equal([]);
  });
});
