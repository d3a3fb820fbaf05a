// Own refusals: recognized whatever Postfix adds to our text, and not imitated by clients.

import { expect } from 'chai';
import type { Refused } from '../../../src/blocks/blocks.ts';
import { OwnTexts } from '../../../src/maillog/postfix/own-texts.ts';
import { messageText } from '../../../src/policy/verdict.ts';
import { OWN_TEXT } from '../log.ts';

const CLIENT = '192.0.2.1';
const TAIL = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<mail.example.com>';

function own(...more: string[]): OwnTexts {
  const texts = new OwnTexts();
  texts.add([OWN_TEXT, ...more]);
  return texts;
}

describe('maillog/postfix/own-texts', () => {
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
      expect(own().match(`554 5.7.1 ${reply}`, CLIENT), where).to.equal(true);
    }
  });

  it('knows it whatever the code of access_map_reject_code is, and without a status, as before Postfix 2.3', () => {
    const rest = `<b@example.com>: Recipient address rejected: ${OWN_TEXT}; ${TAIL}`;
    for (const code of ['554 5.7.1', '550 5.7.1', '521 5.7.1', '599 5.7.1', '554'])
      expect(own().match(`${code} ${rest}`, CLIENT), code).to.equal(true);
    for (const code of ['450 4.7.1', '454 4.7.1', '550 5.1.1', '554 5.7.0', '250 5.7.1'])
      expect(own().match(`${code} ${rest}`, CLIENT), code).to.equal(false);
  });

  it('knows it with the SASL login that Postfix appends from 3.10 on', () => {
    const reply = `554 5.7.1 <b@example.com>: Recipient address rejected: ${OWN_TEXT}; ${TAIL}`;
    for (const login of [
      ' sasl_method=PLAIN sasl_username=anna@example.com',
      ' sasl_method=PLAIN sasl_username=anna smith',
      ' sasl_method=PLAIN sasl_username=x proto=SMTP helo=<y',
      ' sasl_method=LOGIN sasl_username=anna sasl_sender=anna+40example.com',
    ])
      expect(own().match(reply + login, CLIENT), login).to.equal(true);
    const atConnect = `554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: ${OWN_TEXT}; proto=SMTP`;
    expect(own().match(`${atConnect} sasl_method=PLAIN sasl_username=anna`, CLIENT)).to.equal(true);
  });

  it('knows what a long reply name left of it: Postfix cuts a reply to 510 characters', () => {
    const text = `${'Too much abuse from your network. '.repeat(9)}Stop it.`;
    for (const length of [150, 200, 250, 300]) {
      const name = `${'b'.repeat(length)}@example.com`;
      const cut = `554 5.7.1 <${name}>: Recipient address rejected: ${text}`.slice(0, 510);
      const reply = `${cut}; from=<a@example.net> to=<${name}> proto=ESMTP helo=<x>`;
      expect(own(text).match(reply, CLIENT), `${length}`).to.equal(true);
      expect(own('Another text, longer than forty characters.').match(reply, CLIENT), `${length}`).to.equal(
        false,
      );
    }
  });

  it('knows it with its places filled in as the verdict fills them', () => {
    const texts = own('Client {ip} waits until {until}.', '{rule}: see https://example.com/{ip}', '{ip}');
    const rule = { name: 'auth-failures' } as Refused['rule'];
    const block = { until: Date.UTC(2026, 10, 23, 10, 0, 30) } as Refused['block'];
    for (const ip of ['192.0.2.1', '2001:db8::1']) {
      for (const message of texts.texts) {
        const text = messageText({ rule: { ...rule, message }, block }, ip);
        const reply = `554 5.7.1 <b@example.com>: Recipient address rejected: ${text}; ${TAIL}`;
        expect(texts.match(reply, ip), text).to.equal(true);
        expect(texts.match(reply, '198.51.100.1'), text).to.equal(text === OWN_TEXT);
      }
    }
  });

  it('takes a place for what is filled in alone, so that a text that begins with one hides nothing', () => {
    const texts = own('{ip} waits until {until}.', '{rule}: blocked', '{ip}');
    for (const text of [
      'User unknown waits until 2026-11-23 10:01 UTC.',
      '192.0.2.1 waits until later.',
      '192.0.2.1 waits until 2026-11-23T10:01:00Z.',
      '192.0.2.1 waits.',
      'The client 192.0.2.1 waits until 2026-11-23 10:01 UTC.',
      'two words: blocked',
      ': blocked',
      'Access denied',
      '192.0.2.1 and more',
      '198.51.100.1',
    ])
      expect(
        texts.match(`554 5.7.1 <b@example.com>: Recipient address rejected: ${text}; ${TAIL}`, CLIENT),
        text,
      ).to.equal(false);
  });

  it('ends before the envelope: nothing that a client wrote there is part of the text', () => {
    const texts = own('Blocked by {rule}', '{ip}');
    for (const reply of [
      `554 5.7.1 <b@example.com>: Recipient address rejected: Access denied; from=<Blocked by x; from=<a> to=<b> proto=ESMTP helo=<x>`,
      `554 5.7.1 <b@example.com>: Recipient address rejected: Blocked by; from=<x; from=<a> to=<b> proto=ESMTP helo=<x>`,
      `554 5.7.1 <b@example.com>: Recipient address rejected: ; from=<192.0.2.1; from=<> to=<b> proto=ESMTP helo=<x>`,
    ])
      expect(texts.match(reply, CLIENT), reply).to.equal(false);
  });

  it('does not take a rejection of the administrator’s for ours', () => {
    for (const reply of [
      `554 5.7.1 <b@example.com>: Recipient address rejected: Access denied; ${TAIL}`,
      `554 5.7.1 <b@example.com>: Relay access denied; ${TAIL}`,
      `550 5.1.1 <b@example.com>: Recipient address rejected: User unknown; ${TAIL}`,
      `550 5.1.1 <b@example.com>: Recipient address rejected: ${OWN_TEXT}; ${TAIL}`,
      `554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example.org; ${TAIL}`,
      `554 5.7.1 <b@example.com>: Recipient address rejected: ${OWN_TEXT} And more; ${TAIL}`,
      `554 5.7.1 ${OWN_TEXT}; ${TAIL}`,
      `5.7.1 ${OWN_TEXT}; ${TAIL}`,
    ])
      expect(own().match(reply, CLIENT), reply).to.equal(false);
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
        expect(own().match(reply, CLIENT), reply).to.equal(false);
    }
  });

  it('does not take an imitation for our refusal that pushes Postfix’s reason out of the 2000 characters it logs', () => {
    const name = `"x>: Recipient address rejected: ${OWN_TEXT}; ${'y'.repeat(1900)}"@example.com`;
    const logged = `NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1 <${name}>: Relay access denied; ${TAIL}`;
    const reply = logged.slice(0, 2000).slice(logged.indexOf('554 '));
    expect(own().match(reply, CLIENT)).to.equal(false);
  });

  it('keeps the texts of earlier policies, and forgets the oldest beyond 32', () => {
    const texts = new OwnTexts();
    texts.add(['first']);
    texts.add(Array.from({ length: 31 }, (_, i) => `text ${i}`));
    const reply = '554 5.7.1 <b@example.com>: Recipient address rejected: first; from=<> proto=SMTP';
    expect(texts.match(reply, CLIENT)).to.equal(true);
    texts.add(['first', 'one more']);
    expect(texts.match(reply, CLIENT), 'used again').to.equal(true);
    expect(texts.texts).to.have.length(32);
    texts.add(Array.from({ length: 32 }, (_, i) => `other ${i}`));
    expect(texts.match(reply, CLIENT)).to.equal(false);
  });

  it('restores the texts of a snapshot', () => {
    const texts = new OwnTexts();
    texts.add(own('second').texts);
    expect(texts.texts).to.deep.equal([OWN_TEXT, 'second']);
  });
});
