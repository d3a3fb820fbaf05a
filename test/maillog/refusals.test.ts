// Own refusals in the log, and the drops that follow from them.

import { expect } from 'chai';
import { charges, eventsOf, line, OWN_TEXT } from './log.ts';

const A = 'a.example.net[192.0.2.1]';
const B = 'b.example.net[192.0.2.2]';
const TAIL = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<x>';
const END = [`too many errors after RCPT from ${A}`, `disconnect from ${A}`];

function smtpd(...messages: string[]): string[] {
  return messages.map((message) => line(message));
}

const refusals: Record<string, string> = {
  smtpd_client_restrictions: `NOQUEUE: reject: RCPT from ${A}: 554 5.7.1 <${A}>: Client host rejected: ${OWN_TEXT}; ${TAIL}`,
  smtpd_recipient_restrictions: `NOQUEUE: reject: RCPT from ${A}: 554 5.7.1 <b@example.com>: Recipient address rejected: ${OWN_TEXT}; ${TAIL}`,
  smtpd_end_of_data_restrictions: `4F1B2A3C4D: reject: END-OF-MESSAGE from ${A}: 554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: ${OWN_TEXT}; ${TAIL}`,
  CONNECT: `NOQUEUE: reject: CONNECT from ${A}: 554 5.7.1 <${A}>: Client host rejected: ${OWN_TEXT}; proto=SMTP`,
};

describe('maillog/refusals: our own refusals', () => {
  for (const [hook, refusal] of Object.entries(refusals)) {
    it(`count against no client, nor does the drop that follows (${hook})`, () => {
      expect(charges(smtpd(`connect from ${A}`, refusal, refusal, ...END))).to.deep.equal([]);
    });

    it(`are logged once each, with the client they cost mail (${hook})`, () => {
      const events = eventsOf(smtpd(`connect from ${A}`, refusal, refusal, `disconnect from ${A}`));
      expect(events.map(({ kind, address }) => `${kind} ${address}`)).to.deep.equal(
        Array(2).fill('refusal 192.0.2.1'),
      );
    });

    it(`silence the drop also where the connect line was never read (${hook})`, () => {
      expect(charges(smtpd(refusal, ...END))).to.deep.equal([]);
    });
  }

  it('do not silence the drops of the next connection, nor those of another process', () => {
    const refused = [`connect from ${A}`, refusals.CONNECT ?? '', ...END];
    expect(charges(smtpd(...refused, `connect from ${A}`, ...END))).to.deep.equal([
      'dropped-connection 192.0.2.1',
    ]);
    const other = [`connect from ${A}`, ...END].map((message) => line(message, 'smtpd', 102));
    expect(charges([...smtpd(...refused), ...other])).to.deep.equal(['dropped-connection 192.0.2.1']);
  });

  it('do not silence what the same connection did beside: a failed login counts', () => {
    const login = `warning: ${A}: SASL LOGIN authentication failed: UGFzc3dvcmQ6`;
    const lines = smtpd(`connect from ${A}`, login, refusals.CONNECT ?? '', ...END);
    expect(charges(lines)).to.deep.equal(['auth-failure 192.0.2.1']);
  });

  it('do not silence the client that the process serves next, where the lines in between were lost', () => {
    const lines = smtpd(
      `connect from ${A}`,
      refusals.CONNECT ?? '',
      `too many errors after RCPT from ${B}`,
      `disconnect from ${B}`,
    );
    expect(charges(lines)).to.deep.equal(['dropped-connection 192.0.2.2']);
  });

  it('are not what an attacker writes: a recipient that imitates them counts, and so does its drop', () => {
    const name = `"x>: Recipient address rejected: ${OWN_TEXT}; y"@example.com`;
    const tail = `from=<a@example.net> to=<${name}> proto=ESMTP helo=<x>`;
    const reject = `NOQUEUE: reject: RCPT from ${A}: 554 5.7.1 <${name}>: Relay access denied; ${tail}`;
    expect(charges(smtpd(`connect from ${A}`, reject, ...END))).to.deep.equal([
      'rejected-recipient 192.0.2.1',
      'dropped-connection 192.0.2.1',
    ]);
  });
});
