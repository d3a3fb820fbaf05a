// Which rejections are permanent, and which are our own refusals, however others imitate them.

import { expect } from 'chai';
import { isPermanent, OwnTexts } from '../../src/maillog/reply.ts';
import { OWN_TEXT } from './log.ts';

const TAIL = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<mail.example.com>';

function own(...more: string[]): OwnTexts {
  const texts = new OwnTexts();
  texts.add([OWN_TEXT, ...more]);
  return texts;
}

describe('maillog/reply', () => {
  it('takes 5xx and 5.x.x as permanent, and bare <LF> where Postfix logs no code', () => {
    for (const reply of ['550 5.1.1 x', '554 x', '521 x', '5.7.1 Spam', '5', 'bare <LF> received; from=<>'])
      expect(isPermanent(reply), reply).to.equal(true);
    for (const reply of ['450 4.7.1 x', '421 x', '4.7.1 later', '', '250 x', 'x', ' 550 x', '; from=<>'])
      expect(isPermanent(reply), reply).to.equal(false);
  });

  it('knows our refusal at every hook', () => {
    for (const [where, reply] of Object.entries({
      smtpd_client_restrictions: `<mail.example.com[192.0.2.1]>: Client host rejected: ${OWN_TEXT}; ${TAIL}`,
      'with a port': `<mail.example.com[192.0.2.1]:40000>: Client host rejected: ${OWN_TEXT}; ${TAIL}`,
      smtpd_recipient_restrictions: `<b@example.com>: Recipient address rejected: ${OWN_TEXT}; ${TAIL}`,
      'a sender with blanks': `<b@example.com>: Recipient address rejected: ${OWN_TEXT}; from=<"a b"@c> to=<b> proto=SMTP`,
      smtpd_sender_restrictions: `<a@example.net>: Sender address rejected: ${OWN_TEXT}; ${TAIL}`,
      smtpd_helo_restrictions: `<mail.example.com>: Helo command rejected: ${OWN_TEXT}; ${TAIL}`,
      smtpd_data_restrictions: `<DATA>: Data command rejected: ${OWN_TEXT}; ${TAIL}`,
      smtpd_end_of_data_restrictions: `<END-OF-MESSAGE>: End-of-data rejected: ${OWN_TEXT}; ${TAIL}`,
      CONNECT: `<unknown[192.0.2.1]>: Client host rejected: ${OWN_TEXT}; proto=SMTP`,
    })) {
      expect(own().match(`554 5.7.1 ${reply}`), where).to.equal(true);
    }
  });

  it('lets {ip}, {rule} and {until} stand for anything', () => {
    const texts = own('Client {ip} waits until {until}.', '{rule}: see https://example.com/{ip}');
    const reason = (text: string) =>
      `554 5.7.1 <b@example.com>: Recipient address rejected: ${text}; ${TAIL}`;
    for (const text of [
      'Client 192.0.2.1 waits until 2026-11-23T10:00:00Z.',
      'Client 2001:db8::1 waits until 2026-11-23T10:00:00Z.',
      'auth-failures: see https://example.com/192.0.2.1',
    ])
      expect(texts.match(reason(text)), text).to.equal(true);
    for (const text of [
      'Client 192.0.2.1 waits.',
      'The client 192.0.2.1 waits until x.',
      'see https://example.com/',
    ])
      expect(texts.match(reason(text)), text).to.equal(false);
  });

  it('does not take a rejection of the administrator’s for ours', () => {
    for (const reply of [
      `554 5.7.1 <b@example.com>: Recipient address rejected: Access denied; ${TAIL}`,
      `554 5.7.1 <b@example.com>: Relay access denied; ${TAIL}`,
      `550 5.1.1 <b@example.com>: Recipient address rejected: User unknown; ${TAIL}`,
      `550 5.7.1 <b@example.com>: Recipient address rejected: ${OWN_TEXT}; ${TAIL}`,
      `554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example.org; ${TAIL}`,
      `554 5.7.1 <b@example.com>: Recipient address rejected: ${OWN_TEXT} And more; ${TAIL}`,
      `554 5.7.1 ${OWN_TEXT}; ${TAIL}`,
      `5.7.1 ${OWN_TEXT}; ${TAIL}`,
    ])
      expect(own().match(reply), reply).to.equal(false);
  });

  it('does not take a recipient or sender that imitates our refusal for one', () => {
    const imitation = `"x>: Recipient address rejected: ${OWN_TEXT}; y"@example.com`;
    const asClient = `"u[192.0.2.1]>: Client host rejected: ${OWN_TEXT}; from=<z> to=<y> proto=ESMTP helo=<x>"@e`;
    for (const name of [imitation, asClient]) {
      const to = `from=<a@example.net> to=<${name}> proto=ESMTP helo=<x>`;
      const from = `from=<${name}> to=<b@example.com> proto=ESMTP helo=<x>`;
      for (const reply of [
        `554 5.7.1 <${name}>: Relay access denied; ${to}`,
        `554 5.7.1 <${name}>: Recipient address rejected: Access denied; ${to}`,
        `554 5.7.1 <${name}>: Sender address rejected: Access denied; ${from}`,
        `554 5.7.1 <${name}>: Sender address rejected: Access denied; from=<${name}> proto=ESMTP helo=<x>`,
        `550 5.1.1 <${name}>: Recipient address rejected: User unknown; ${to}`,
      ])
        expect(own().match(reply), reply).to.equal(false);
    }
  });

  it('does not take an imitation for our refusal that pushes Postfix’s reason out of the 2000 characters it logs', () => {
    const name = `"x>: Recipient address rejected: ${OWN_TEXT}; ${'y'.repeat(1900)}"@example.com`;
    const logged = `NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1 <${name}>: Relay access denied; ${TAIL}`;
    const reply = logged.slice(0, 2000).slice(logged.indexOf('554 '));
    expect(own().match(reply)).to.equal(false);
  });

  it('keeps the texts of earlier policies, and forgets the oldest beyond 32', () => {
    const texts = new OwnTexts();
    texts.add(['first']);
    texts.add(Array.from({ length: 31 }, (_, i) => `text ${i}`));
    const reply = '554 5.7.1 <b@example.com>: Recipient address rejected: first; from=<> proto=SMTP';
    expect(texts.match(reply)).to.equal(true);
    texts.add(['first', 'one more']);
    expect(texts.match(reply), 'used again').to.equal(true);
    expect(texts.texts).to.have.length(32);
    texts.add(Array.from({ length: 32 }, (_, i) => `other ${i}`));
    expect(texts.match(reply)).to.equal(false);
  });

  it('takes the texts of a snapshot back', () => {
    const texts = new OwnTexts();
    texts.add(own('second').texts);
    expect(texts.texts).to.deep.equal([OWN_TEXT, 'second']);
  });
});
