// Events of rejected recipients: by Postfix's own words and codes, never by text of a client.

import { expect } from 'chai';
import fc from 'fast-check';
import { recipientEvent } from '../../../src/maillog/postfix/rejected-recipient.ts';
import { clientText } from '../arbitraries.ts';
import { eventsOf, line } from '../log.ts';

const C = 'mail.example.net[192.0.2.1]';

/** KIND/CLASS by smtpd's reply; N and S stand for the reply name and for the sender. */
const REPLIES: readonly (readonly [string, string])[] = [
  ['550 5.1.1 <N>: Recipient address rejected: User unknown in virtual mailbox table', 'unknown-recipient'],
  ['550 5.1.1 <N>: Recipient address rejected: User unknown in local recipient table', 'unknown-recipient'],
  ['550 <N>: Recipient address rejected: User unknown in local recipient table', 'unknown-recipient'],
  [
    '550 5.1.1 <N>: Recipient address rejected: undeliverable address: unknown user: "x"',
    'unknown-recipient',
  ],
  [
    '550 5.1.1 <N>: Recipient address rejected: undeliverable address: host mx.example[192.0.2.9] said: 550 5.1.1 <x>: User unknown (in reply to RCPT TO command)',
    'unknown-recipient',
  ],
  ['554 5.7.1 <N>: Recipient address rejected: User unknown', 'unknown-recipient'],
  ['554 5.7.1 <N>: Relay access denied', 'relay-denied'],
  ['554 <N>: Relay access denied', 'relay-denied'],
  ['554 5.7.1 <N>: Recipient address rejected: Relay access denied', 'relay-denied'],
  [
    '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example; https://bl.example/x',
    'listed-client',
  ],
  [
    '554 5.7.1 Service unavailable; Unverified Client host [x.example] blocked using bl.example',
    'listed-client',
  ],
  ['554 5.7.1 Service unavailable; Sender address [S] blocked using dbl.example', 'refused-sender'],
  ['554 5.7.1 Service unavailable; Helo command [x.example] blocked using dbl.example', 'refused-helo'],
  ['554 5.7.1 <mail.example.net[192.0.2.1]>: Client host rejected: Access denied', 'refused-client'],
  ['550 5.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]', 'refused-client'],
  ['554 5.7.1 <x.example>: Unverified Client host rejected: no', 'refused-client'],
  ['504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname', 'refused-helo'],
  ['550 5.7.1 <x>: Helo command rejected: You are not me', 'refused-helo'],
  ['554 5.7.1 <S>: Sender address rejected: Access denied', 'refused-sender'],
  ['550 5.1.8 <S>: Sender address rejected: Domain not found', 'refused-sender'],
  ['553 5.7.1 <S>: Sender address rejected: not logged in', 'refused-sender'],
  ['554 5.7.1 <N>: Recipient address rejected: Blacklisted for a week', 'refused-by-policy'],
  ['550 5.7.23 <N>: Recipient address rejected: Message rejected due to: SPF fail', 'refused-by-policy'],
  ['554 <N>: Recipient address rejected: Not today', 'refused-by-policy'],
  ['554 5.7.1 <N>: Recipient address rejected: Access denied', 'refused-recipient'],
  ['550 5.1.2 <N>: Recipient address rejected: Domain not found', 'refused-recipient'],
  ['504 5.5.2 <N>: Recipient address rejected: need fully-qualified address', 'refused-recipient'],
  ['550 5.1.6 <N>: Recipient address rejected: User has moved to x@example.org', 'refused-recipient'],
  ['550 5.7.1 Session encryption is required', 'refused-recipient'],
  ['552 5.2.2 <N>: Recipient address rejected: Mailbox is full', 'mailbox-full'],
  ['552 <N>: Recipient address rejected: no room', 'mailbox-full'],
  ['550 5.2.2 <N>: Recipient address rejected: no room', 'mailbox-full'],
  ['554 5.7.1 <N>: Recipient address rejected: Mailbox over quota', 'mailbox-full'],
  [
    '550 5.1.1 <N>: Recipient address rejected: undeliverable address: host mx.example[192.0.2.9] said: 552 5.2.2 <x>: too much mail (in reply to RCPT TO command)',
    'mailbox-full',
  ],
  ['454 4.7.1 <N>: Relay access denied', 'relay-deferred'],
];

const tail = (name: string, sender: string, helo: string) =>
  `; from=<${sender}> to=<${name}> proto=ESMTP helo=<${helo}>`;

function said(reply: string, name: string, sender: string, helo = 'x'): string {
  const places: Readonly<Record<string, string>> = {
    '<N>': `<${name}>`,
    '<S>': `<${sender}>`,
    '[S]': `[${sender}]`,
  };
  const filled = reply.replaceAll(/<N>|<S>|\[S\]/g, (place) => places[place] ?? '');
  const events = eventsOf([line(`NOQUEUE: reject: RCPT from ${C}: ${filled}${tail(name, sender, helo)}`)]);
  return events.map((event) => ('class' in event && event.class) || event.kind).join(', ');
}

describe('maillog/postfix/rejected-recipient', () => {
  it('distinguishes refusals by Postfix’s own words and codes', () => {
    for (const [reply, expected] of REPLIES)
      expect(said(reply, 'b@example.com', 'a@example.net'), reply).to.equal(expected);
  });

  it('recognizes what postscreen and a milter refuse', () => {
    const replies: readonly (readonly [string, string, string])[] = [
      ['postscreen', 'reject', '550 5.7.1 Service unavailable; client [192.0.2.1] blocked using bl.example'],
      ['postscreen', 'reject', '550 5.5.1 Protocol error'],
      ['postscreen', 'reject', '550 5.3.2 Service currently unavailable'],
      ['smtpd', 'milter-reject', '550 5.7.1 Command rejected'],
      ['smtpd', 'milter-reject', '550 5.1.1 No such user'],
      ['smtpd', 'milter-reject', '552 5.2.2 Full'],
    ];
    const classes = replies.map(([program, words, reply]) => {
      const client = program === 'postscreen' ? '[192.0.2.1]:40000' : C;
      const [event] = eventsOf([
        line(
          `NOQUEUE: ${words}: RCPT from ${client}: ${reply}; from=<a>, to=<b>, proto=ESMTP, helo=<x>`,
          program,
        ),
      ]);
      return event && (('class' in event && event.class) || event.kind);
    });
    expect(classes).to.deep.equal([
      'listed-client',
      'refused-client',
      'refused-client',
      'refused-by-policy',
      'unknown-recipient',
      'mailbox-full',
    ]);
  });

  it('never lets a recipient, a sender or a HELO name choose', () => {
    // The text of a policy service may repeat a word of the client, so words of the client count for nothing.
    const replies = REPLIES.filter(([reply]) => !/over quota|said: 552/.test(reply));
    const words = REPLIES.map(([reply]) => reply.replace(/^\d{3} (?:\d\.\d+\.\d+ )?<[^>]*/, 'x'));
    const imitation = fc.oneof(
      clientText,
      fc.constantFrom(...words, 'quota', '>: ', '; from=<', ' to=<', '> to=<x', ' proto=ESMTP'),
    );
    const address = fc
      .array(imitation, { minLength: 1, maxLength: 3 })
      .map((parts) => `${parts.join('').slice(0, 240)}@example.org`);
    fc.assert(
      fc.property(
        fc.constantFrom(...replies),
        address,
        address,
        clientText,
        ([reply, expected], name, sender, helo) => {
          expect(said(reply, name, sender, helo.replaceAll(/[<>]/g, '?').slice(0, 240)), reply).to.equal(
            expected,
          );
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('takes an address that pushed Postfix’s reason out of the line for refused, whatever it imitates', () => {
    const name = `x>: Relay access denied${'y'.repeat(500)}; to=<x`;
    const reply = `554 5.7.1 <${name}>: Recipient address rejected: Access denied`.slice(0, 510);
    const whole = `${reply}${tail(name, 'a@example.net', 'x')}`;
    expect(recipientEvent('restriction', whole)).to.deep.equal({
      kind: 'rejected-recipient',
      class: 'refused-recipient',
    });
  });
});
