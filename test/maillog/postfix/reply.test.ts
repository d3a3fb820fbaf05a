// The parts of a logged reply: permanent or not, the envelope's end, and where Postfix's own words begin.

import { expect } from 'chai';
import { envelopeEnd, isPermanent, isTemporary, ownWordsAt } from '../../../src/maillog/postfix/reply.ts';

describe('maillog/postfix/reply', () => {
  it('takes 5xx and 5.x.x as permanent, 4xx and 4.x.x as temporary', () => {
    for (const reply of ['550 5.1.1 x', '554 x', '521 x', '5.7.1 Spam', '5']) {
      expect(isPermanent(reply), reply).to.equal(true);
      expect(isTemporary(reply), reply).to.equal(false);
    }
    for (const reply of ['450 4.7.1 x', '421 x', '4.7.1 later']) {
      expect(isPermanent(reply), reply).to.equal(false);
      expect(isTemporary(reply), reply).to.equal(true);
    }
    for (const reply of ['', '250 x', 'x', ' 550 x', '; from=<>', 'bare <LF> received']) {
      expect(isPermanent(reply), reply).to.equal(false);
      expect(isTemporary(reply), reply).to.equal(false);
    }
  });

  it('reads the text after the addresses, whatever a HELO name or a SASL user contains', () => {
    const before = '550 5.1.1 x; from=<a> to=<b>';
    const ends: readonly (readonly [string, string | undefined, string | undefined])[] = [
      [' proto=ESMTP helo=<mx.example>', 'mx.example', undefined],
      [' proto=SMTP', undefined, undefined],
      [' proto=ESMTP helo=<x proto=SMTP y>', 'x proto=SMTP y', undefined],
      [' proto=ESMTP helo=<x> sasl_method=PLAIN sasl_username=anna', 'x', 'anna'],
      [' proto=ESMTP sasl_method=PLAIN sasl_username=anna smith', undefined, 'anna smith'],
      [' proto=ESMTP helo=<x> sasl_method=PLAIN sasl_username=', 'x', ''],
      [' proto=ESMTP helo=<x> sasl_method=EXTERNAL sasl_username=anna sasl_sender=a+40b', 'x', 'anna'],
      [' proto=ESMTP helo=<x> sasl_method=PLAIN', 'x', undefined],
    ];
    for (const [end, helo, user] of ends)
      expect(envelopeEnd(before + end), end).to.deep.equal({ at: before.length, helo, user });
    for (const end of [' proto=ESMTP helo=<mx.exam', ' proto=', '', ' to=<x', ' proto=ESMTP helo=<x> x'])
      expect(envelopeEnd(before + end), end).to.equal(undefined);
  });

  it('finds Postfix’s own words after a reply name', () => {
    const replies: readonly (readonly [string, string])[] = [
      ['550 5.1.1 <b@c>: Recipient address rejected: x; from=<> proto=SMTP', 'Recipient'],
      ['554 <b@c>: Relay access denied; from=<> proto=SMTP', 'Relay'],
      ['554 5.7.1 Service unavailable; x; proto=SMTP', 'Service'],
      ['550 5.7.1 <"a>: b"@c>: Relay access denied; from=<> to=<"a>: b"@c> proto=SMTP', 'Relay'],
      ['550 5.7.1 <a>: b@c>: Relay access denied; from=<> to=<"a>: b"@c> proto=SMTP', 'Relay'],
      ['550 5.7.1 <a>: b@c>: Sender address rejected: x; from=<"a>: b"@c> to=<x> proto=SMTP', 'Sender'],
    ];
    for (const [reply, words] of replies)
      expect(reply.slice(ownWordsAt(reply)), reply).to.match(new RegExp(`^${words} `));
    expect(ownWordsAt(`550 5.7.1 <${'a'.repeat(499)}; from=<> to=<${'a'.repeat(600)}> proto=SMTP`)).to.equal(
      -1,
    );
  });
});
