// Facts in the lines of smtpd: a fact and its client, or none.

import { expect } from 'chai';
import { smtpdFact } from '../../../src/maillog/postfix/smtpd.ts';

/** TYPE[/CLASS] [STAGE] ADDRESS, or why the line is not counted, or nothing. */
function said(message: string): string | undefined {
  const fact = smtpdFact(message);
  if (fact === undefined) return undefined;
  if (fact.type === 'uncounted') return `uncounted: ${fact.why}`;
  const of = 'class' in fact ? `/${fact.class}` : '';
  const stage = fact.type === 'reject' ? ` ${fact.stage}` : '';
  const client = 'client' in fact ? (fact.client?.address ?? 'of the session') : 'of the process';
  return `${fact.type}${of}${stage} ${client}`;
}

function expectAll(cases: readonly (readonly [string, string])[]): void {
  for (const [message, expected] of cases) expect(said(message), message).to.equal(expected);
}

const C = 'mail.example.com[192.0.2.1]';
const TAIL = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<mail.example.com>';

describe('maillog/postfix/smtpd', () => {
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

  it('takes what the server ended as a drop, by its class', () => {
    expectAll([
      [`too many errors after RCPT from ${C}`, 'drop/too-many-errors 192.0.2.1'],
      [`timeout after RCPT from ${C}`, 'drop/timeout 192.0.2.1'],
      [`timeout after DATA (2048 bytes) from ${C}`, 'drop/timeout 192.0.2.1'],
      [`bare <LF> received after DATA from ${C}`, 'drop/protocol 192.0.2.1'],
      [`warning: non-SMTP command from ${C}: GET / HTTP/1.1`, 'drop/protocol 192.0.2.1'],
      [`warning: non-ESMTP command from ${C}: GET / HTTP/1.1`, 'drop/protocol 192.0.2.1'],
      [`warning: Connection rate limit exceeded: 31 from ${C} for service smtp`, 'drop/rate-limit 192.0.2.1'],
      [
        `warning: Connection concurrency limit exceeded: 6 from ${C} for service smtp`,
        'drop/rate-limit 192.0.2.1',
      ],
      [
        `warning: New TLS session rate limit exceeded: 61 from ${C} for service smtp`,
        'drop/rate-limit 192.0.2.1',
      ],
      [`warning: Refusing TLS service request from ${C} for service smtps`, 'drop/rate-limit 192.0.2.1'],
      [`NOQUEUE: abort: TLS from ${C}: No client certificate presented`, 'drop/tls 192.0.2.1'],
      [`NOQUEUE: abort: TLS from ${C}: Client certificate not trusted`, 'drop/tls 192.0.2.1'],
      [`SSL_accept error from ${C}: Connection timed out`, 'drop/tls 192.0.2.1'],
      [`SSL_accept error from ${C}: Operation timed out`, 'drop/tls 192.0.2.1'],
      [`NOQUEUE: too many errors after AUTH from ${C}`, 'drop/too-many-errors 192.0.2.1'],
      [`4F1B2A3C4D: timeout after DATA from ${C}`, 'drop/timeout 192.0.2.1'],
    ]);
  });

  it('understands the words of Postfix 2.0 to 2.2', () => {
    expectAll([
      [`warning: ${C} sent non-SMTP command: GET / HTTP/1.1`, 'drop/protocol 192.0.2.1'],
      [`warning: ${C} sent message header instead of SMTP command: Subject: x`, 'drop/protocol 192.0.2.1'],
      [`warning: Too many connections: 51 from ${C} for service smtp`, 'drop/rate-limit 192.0.2.1'],
      [`warning: Too frequent connections: 31 from ${C} for service smtp`, 'drop/rate-limit 192.0.2.1'],
      [`warning: ${C}: SASL LOGIN authentication failed`, 'auth-failure 192.0.2.1'],
    ]);
  });

  it('leaves open what only the next lines show', () => {
    expectAll([
      [`improper command pipelining after EHLO from ${C}: MAIL FROM:<x>\\r\\n`, 'notice/protocol 192.0.2.1'],
      [`improper command pipelining after CONNECT from ${C}`, 'notice/protocol 192.0.2.1'],
      [`timeout after END-OF-MESSAGE from ${C}`, 'idle 192.0.2.1'],
      [`SSL_accept error from ${C}: -1`, 'handshake 192.0.2.1'],
      [`SSL_accept error from ${C}: 0`, 'handshake 192.0.2.1'],
      [
        'warning: TLS library problem: error:0A000126:SSL routines::unexpected eof while reading:x.c:308:',
        'tls-problem of the process',
      ],
      [
        "warning: SASL: Connect to Dovecot auth socket 'private/auth' failed: Connection refused",
        'auth-server-lost of the process',
      ],
    ]);
  });

  it('takes what the client ended as abandoned', () => {
    expectAll([
      [`lost connection after AUTH from ${C}`, 'abandon 192.0.2.1'],
      [`lost connection after DATA (0 bytes) from ${C}`, 'abandon 192.0.2.1'],
      [`NOQUEUE: lost connection after CONNECT from ${C}`, 'abandon 192.0.2.1'],
      [`SSL_accept error from ${C}: lost connection`, 'abandon 192.0.2.1'],
      [`SSL_accept error from ${C}: Connection reset by peer`, 'abandon 192.0.2.1'],
      [`SSL_accept error from ${C}: Broken pipe`, 'abandon 192.0.2.1'],
      [`SSL_accept error from ${C}: No route to host`, 'abandon 192.0.2.1'],
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

  it('counts against no client for the server’s own trouble with authentication', () => {
    for (const reason of [
      'Connection lost to authentication server',
      "Can't connect to authentication server",
      'Authentication backend error',
      'Temporary authentication failure',
      'temporary failure',
      'Internal error occurred',
      'generic failure',
      'no memory available',
      'transient failure (e.g., weak key)',
      'remote authentication server unavailable',
      'cannot connect to saslauthd server: No such file or directory',
      'no mechanism available',
      'SASL library is not initialized',
      'version mismatch with plug-in',
    ]) {
      const message = `warning: ${C}: SASL LOGIN authentication failed: ${reason}`;
      expect(smtpdFact(message), reason).to.include({ type: 'auth-unjudged', why: 'server-fault' });
      expect(smtpdFact(`${message}, sasl_username=x`), reason).to.include({ why: 'server-fault' });
    }
  });

  it('counts a failure though its mechanism imitates the server’s own trouble', () => {
    for (const mechanism of [
      'X authentication failed: generic failure',
      'generic failure',
      'X: generic failure',
    ]) {
      const message = `warning: ${C}: SASL ${mechanism} authentication failed: Invalid authentication mechanism: '${mechanism}'`;
      expect(said(message), message).to.equal('auth-failure 192.0.2.1');
    }
  });

  it('does not count an AUTH command that was not judged', () => {
    const unjudged: [string, string][] = [
      [`warning: ${C}: SASL GSSAPI authentication aborted`, 'given-up'],
      [`warning: AUTH command rate limit exceeded: 9 from ${C} for service smtp`, 'rate-limit'],
    ];
    for (const [message, why] of unjudged)
      expect(smtpdFact(message), message).to.include({ type: 'auth-unjudged', why });
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
      [
        `NOQUEUE: reject: RCPT from ${C}: 454 4.7.1 <b@example.com>: Relay access denied; ${TAIL}`,
        'reject RCPT 192.0.2.1',
      ],
    ]);
  });

  it('takes a bare line feed in a command for the end of the session, and in a message for its rejection', () => {
    for (const stage of ['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA'])
      expect(said(`NOQUEUE: reject: ${stage} from ${C}: bare <LF> received; ${TAIL}`), stage).to.equal(
        'drop/protocol 192.0.2.1',
      );
    expectAll([
      [
        `NOQUEUE: reject: END-OF-MESSAGE from ${C}: bare <LF> received; proto=ESMTP helo=<x>`,
        'drop/protocol 192.0.2.1',
      ],
      [
        `NOQUEUE: reject: END-OF-MESSAGE from ${C}: bare <LF> received; ${TAIL}`,
        'reject END-OF-MESSAGE 192.0.2.1',
      ],
    ]);
  });

  it('gives the reason why lines about a refusal are not counted', () => {
    expectAll([
      [`NOQUEUE: reject: RCPT from ${C}: 450 4.7.1 Greylisted; ${TAIL}`, 'uncounted: temporary'],
      [
        `4F1B2A3C4D: milter-reject: END-OF-MESSAGE from ${C}: 451 4.7.1 later; ${TAIL}`,
        'uncounted: temporary',
      ],
      [`proxy-reject: END-OF-MESSAGE: 451 4.3.0 later; ${TAIL}`, 'uncounted: temporary'],
      [
        `NOQUEUE: reject: RCPT from ${C}: 454 4.7.1 <Relay access denied>: Recipient address rejected: x; ${TAIL}`,
        'uncounted: temporary',
      ],
      [
        `warning: Message delivery request rate limit exceeded: 9 from ${C} for service smtp`,
        'uncounted: rate-limit',
      ],
      [
        `warning: Recipient address rate limit exceeded: 9 from ${C} for service smtp`,
        'uncounted: rate-limit',
      ],
      [`warning: Refusing STARTTLS request from ${C} for service smtp`, 'uncounted: rate-limit'],
      [`warning: Wrapper-mode request dropped from ${C} for service smtps.`, 'uncounted: server-fault'],
    ]);
  });

  it('finds no fact in lines without abuse', () => {
    const bad: [string, string][] = [
      [`proxy-reject: END-OF-MESSAGE: ; ${TAIL}`, 'no reply to judge by'],
      [`proxy-accept: CONNECT: 250 2.0.0 Ok; ${TAIL}`, 'no message'],
      [`NOQUEUE: reject_warning: RCPT from ${C}: 553 5.7.1 x; ${TAIL}`, 'a warning alone'],
      [`NOQUEUE: hold: RCPT from ${C}: <b@example.com>: Recipient address x; ${TAIL}`, 'held, not rejected'],
      [`NOQUEUE: filter: RCPT from ${C}: <b@example.com>: triggers FILTER x; ${TAIL}`, 'filtered'],
      [`NOQUEUE: discard: RCPT from ${C}: <b@example.com>: x; ${TAIL}`, 'discarded'],
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
