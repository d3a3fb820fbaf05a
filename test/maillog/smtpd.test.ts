// What smtpd's lines say: a fact and its client, or nothing.

import { expect } from 'chai';
import { smtpdFact } from '../../src/maillog/smtpd.ts';

/** TYPE ADDRESS, or nothing. */
function said(message: string): string | undefined {
  const fact = smtpdFact(message);
  if (fact === undefined || fact.type === 'stress') return fact?.type;
  const stage = fact.type === 'reject' ? ` ${fact.stage}` : '';
  return `${fact.type}${stage} ${fact.client?.address ?? 'of the session'}`;
}

function expectAll(cases: readonly (readonly [string, string])[]): void {
  for (const [message, expected] of cases) expect(said(message), message).to.equal(expected);
}

const C = 'mail.example.com[192.0.2.1]';
const TAIL = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<mail.example.com>';

describe('maillog/smtpd', () => {
  it('follows a session from connect to disconnect', () => {
    expectAll([
      [`connect from ${C}`, 'connect 192.0.2.1'],
      [`disconnect from ${C}`, 'disconnect 192.0.2.1'],
      [`disconnect from ${C} ehlo=1 auth=0/3 rcpt=0/5 commands=1/9`, 'disconnect 192.0.2.1'],
      [`disconnect from ${C}:40000 ehlo=1 quit=1 commands=2`, 'disconnect 192.0.2.1'],
      ['connect from unknown[2001:db8::1]', 'connect 2001:db8::1'],
      [`4F1B2A3C4D: client=${C}`, 'message 192.0.2.1'],
      [`4bPq7z1QkVz3xyZ: client=${C}, sasl_method=PLAIN, sasl_username=a`, 'message 192.0.2.1'],
    ]);
  });

  it('takes what the server ended as a drop', () => {
    expectAll([
      [`too many errors after RCPT from ${C}`, 'drop 192.0.2.1'],
      [`timeout after END-OF-MESSAGE from ${C}`, 'drop 192.0.2.1'],
      [`timeout after DATA (2048 bytes) from ${C}`, 'drop 192.0.2.1'],
      [`improper command pipelining after EHLO from ${C}: MAIL FROM:<x>\\r\\n`, 'drop 192.0.2.1'],
      [`bare <LF> received after DATA from ${C}`, 'drop 192.0.2.1'],
      [`warning: non-SMTP command from ${C}: GET / HTTP/1.1`, 'drop 192.0.2.1'],
      [`warning: non-ESMTP command from ${C}: GET / HTTP/1.1`, 'drop 192.0.2.1'],
      [`warning: Connection rate limit exceeded: 31 from ${C} for service smtp`, 'drop 192.0.2.1'],
      [`warning: Connection concurrency limit exceeded: 6 from ${C} for service smtp`, 'drop 192.0.2.1'],
      [`SSL_accept error from ${C}: -1`, 'drop 192.0.2.1'],
      [`SSL_accept error from ${C}: Connection timed out`, 'drop 192.0.2.1'],
      [`NOQUEUE: too many errors after AUTH from ${C}`, 'drop 192.0.2.1'],
      [`4F1B2A3C4D: timeout after DATA from ${C}`, 'drop 192.0.2.1'],
    ]);
  });

  it('takes what the client ended as abandoned', () => {
    expectAll([
      [`lost connection after AUTH from ${C}`, 'abandon 192.0.2.1'],
      [`lost connection after DATA (0 bytes) from ${C}`, 'abandon 192.0.2.1'],
      [`NOQUEUE: lost connection after CONNECT from ${C}`, 'abandon 192.0.2.1'],
      [`SSL_accept error from ${C}: lost connection`, 'abandon 192.0.2.1'],
      [`SSL_accept error from ${C}: Connection reset by peer`, 'abandon 192.0.2.1'],
    ]);
  });

  it('takes a failed login as an auth failure, whatever the mechanism and the reason', () => {
    for (const text of [
      'SASL LOGIN authentication failed: UGFzc3dvcmQ6',
      'SASL PLAIN authentication failed: ',
      'SASL PLAIN authentication failed:',
      'SASL LOGIN authentication failed: authentication failure',
      'SASL login authentication failed: (reason unavailable), sasl_username=x',
      'SASL CRAM-MD5 authentication failed: PDEyMzQ1Njc4OTAuMTIzNDU2QG14Pg==',
      'SASL X"Y\'Z authentication failed: Invalid authentication mechanism',
    ]) {
      expect(said(`warning: ${C}: ${text}`), text).to.equal('auth-failure 192.0.2.1');
      expect(said(`warning: ${C}:40000: ${text}`), text).to.equal('auth-failure 192.0.2.1');
    }
  });

  it('charges nobody for the server’s own trouble with authentication', () => {
    for (const reason of [
      'Connection lost to authentication server',
      'Temporary authentication failure',
      'temporary failure',
      'Internal error occurred',
      'generic failure',
      'cannot connect to saslauthd server: No such file or directory',
      'no mechanism available',
    ]) {
      const message = `warning: ${C}: SASL LOGIN authentication failed: ${reason}`;
      expect(said(message), reason).to.equal(undefined);
      expect(said(`${message}, sasl_username=x`), reason).to.equal(undefined);
    }
  });

  it('takes every 5xx as a rejection, at its stage', () => {
    expectAll([
      [
        `NOQUEUE: reject: RCPT from ${C}: 550 5.1.1 <b@example.com>: Recipient address rejected: x; ${TAIL}`,
        'reject RCPT 192.0.2.1',
      ],
      [
        `NOQUEUE: reject: RCPT from ${C}:40000: 554 5.7.1 Service unavailable; ${TAIL}`,
        'reject RCPT 192.0.2.1',
      ],
      [`4F1B2A3C4D: reject: RCPT from ${C}: 550 5.1.1 x; ${TAIL}`, 'reject RCPT 192.0.2.1'],
      [`NOQUEUE: milter-reject: RCPT from ${C}: 550 5.7.1 x; ${TAIL}`, 'reject RCPT 192.0.2.1'],
      [
        `4F1B2A3C4D: reject: DATA from ${C}: 550 5.5.3 <DATA>: Data command rejected: x`,
        'reject DATA 192.0.2.1',
      ],
      [
        `4F1B2A3C4D: milter-reject: END-OF-MESSAGE from ${C}: 554 5.7.1 Spam; ${TAIL}`,
        'reject END-OF-MESSAGE 192.0.2.1',
      ],
      [
        `4F1B2A3C4D: reject: END-OF-MESSAGE from ${C}: bare <LF> received; ${TAIL}`,
        'reject END-OF-MESSAGE 192.0.2.1',
      ],
      [`proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject; ${TAIL}`, 'reject END-OF-MESSAGE of the session'],
      [
        `NOQUEUE: proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject; ${TAIL}`,
        'reject END-OF-MESSAGE of the session',
      ],
      [
        `NOQUEUE: reject: CONNECT from ${C}: 554 5.7.1 <${C}>: Client host rejected: x; proto=SMTP`,
        'reject CONNECT 192.0.2.1',
      ],
    ]);
  });

  it('says nothing of lines that accuse nobody', () => {
    const bad: [string, string][] = [
      [`NOQUEUE: reject: RCPT from ${C}: 450 4.7.1 Greylisted; ${TAIL}`, 'temporary'],
      [`4F1B2A3C4D: milter-reject: END-OF-MESSAGE from ${C}: 451 4.7.1 later; ${TAIL}`, 'temporary'],
      [`proxy-reject: END-OF-MESSAGE: 451 4.3.0 later; ${TAIL}`, 'temporary'],
      [`proxy-reject: END-OF-MESSAGE: ; ${TAIL}`, 'no reply to judge by'],
      [`proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok; ${TAIL}`, 'accepted'],
      [`NOQUEUE: reject_warning: RCPT from ${C}: 553 5.7.1 x; ${TAIL}`, 'a warning alone'],
      [`NOQUEUE: hold: RCPT from ${C}: <b@example.com>: Recipient address x; ${TAIL}`, 'held, not rejected'],
      [`NOQUEUE: filter: RCPT from ${C}: <b@example.com>: triggers FILTER x; ${TAIL}`, 'filtered'],
      [`NOQUEUE: discard: RCPT from ${C}: <b@example.com>: x; ${TAIL}`, 'discarded'],
      [`warning: Message delivery request rate limit exceeded: 9 from ${C} for service smtp`, 'goes on'],
      [`warning: Recipient address rate limit exceeded: 9 from ${C} for service smtp`, 'goes on'],
      [`warning: hostname x does not resolve to address 192.0.2.1`, 'the name server’s affair'],
      ['warning: SASL authentication failure: Password verification failed', 'names no client'],
      [`Anonymous TLS connection established from ${C}: TLSv1.3 with cipher x`, 'no abuse'],
      [`NOQUEUE: reject: RCPT from ${C} 550 5.1.1 x`, 'no colon behind the client'],
      ['NOQUEUE: reject: RCPT from x y[192.0.2.1]: 550 5.1.1 x', 'a blank inside the client'],
      ['', 'nothing'],
    ];
    for (const [message, reason] of bad) expect(said(message), `${reason}: ${message}`).to.equal(undefined);
  });
});
