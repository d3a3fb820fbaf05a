// Facts in the lines of postscreen: a fact and its client, or none.

import { expect } from 'chai';
import { postscreenFact } from '../../../src/maillog/postfix/postscreen.ts';

function said(message: string): string | undefined {
  const fact = postscreenFact(message);
  if (fact?.type === 'uncounted') return `uncounted: ${fact.why}`;
  return fact && 'client' in fact ? `${fact.type} ${fact.client?.address} ${fact.client?.port}` : fact?.type;
}

const TAIL = 'from=<a@example.net>, to=<b@example.com>, proto=ESMTP, helo=<x>';

describe('maillog/postfix/postscreen', () => {
  it('reads every kind of line about a client', () => {
    const good: [string, string][] = [
      ['DISCONNECT [192.0.2.1]:40000', 'disconnect'],
      ['PASS NEW [192.0.2.1]:40000', 'pass'],
      ['PASS OLD [192.0.2.1]:40000', 'pass'],
      ['PREGREET 14 after 0.08 from [192.0.2.1]:40000: EHLO x\\r\\n', 'notice'],
      ['PREGREET 3 after 0 from [192.0.2.1]:40000: \\026\\003\\001', 'notice'],
      ['HANGUP after 16 from [192.0.2.1]:40000 in tests after SMTP handshake', 'abandon'],
      ['NOQUEUE: reject: CONNECT from [192.0.2.1]:40000: too many connections', 'drop'],
      ['NON-SMTP COMMAND from [192.0.2.1]:40000 after CONNECT: GET / HTTP/1.1', 'notice'],
      ['COMMAND PIPELINING from [192.0.2.1]:40000 after EHLO: MAIL', 'notice'],
      ['COMMAND TIME LIMIT from [192.0.2.1]:40000 after CONNECT', 'drop'],
      ['COMMAND COUNT LIMIT from [192.0.2.1]:40000 after RCPT', 'drop'],
      ['COMMAND LENGTH LIMIT from [192.0.2.1]:40000 after RCPT', 'drop'],
      ['BARE NEWLINE from [192.0.2.1]:40000 after EHLO', 'notice'],
      ['DATA without valid RCPT from [192.0.2.1]:40000', 'drop'],
      ['BDAT without valid RCPT from [192.0.2.1]:40000', 'drop'],
      [`NOQUEUE: reject: RCPT from [192.0.2.1]:40000: 550 5.7.1 Service unavailable; ${TAIL}`, 'reject'],
    ];
    for (const [message, type] of good) expect(said(message), message).to.equal(`${type} 192.0.2.1 40000`);
    expect(said('DISCONNECT [2001:db8::1]:40000')).to.equal('disconnect 2001:db8::1 40000');
  });

  it('gives the reason why lines about a refusal are not counted', () => {
    const reject = 'NOQUEUE: reject:';
    expect(said(`${reject} RCPT from [192.0.2.1]:40000: 450 4.3.2 Service unavailable; ${TAIL}`)).to.equal(
      'uncounted: temporary',
    );
    expect(said(`${reject} CONNECT from [192.0.2.1]:40000: all server ports busy`)).to.equal(
      'uncounted: host-busy',
    );
  });

  it('knows which limits STRESS mode shortens or brings about, and when it begins and ends', () => {
    const hastened = (message: string) => {
      const fact = postscreenFact(message);
      return fact?.type === 'drop' && fact.isHastened;
    };
    for (const message of [
      'COMMAND TIME LIMIT from [192.0.2.1]:40000 after CONNECT',
      'reject: connect from [192.0.2.1]:40000: all screening ports busy',
      'NOQUEUE: reject: CONNECT from [192.0.2.1]:40000: all screening ports busy',
    ])
      expect(hastened(message), message).to.equal(true);
    for (const message of [
      'NOQUEUE: reject: CONNECT from [192.0.2.1]:40000: too many connections',
      'COMMAND COUNT LIMIT from [192.0.2.1]:40000 after RCPT',
    ])
      expect(hastened(message), message).to.equal(false);
    expect(postscreenFact('entering STRESS mode with 80 connections')).to.deep.equal({
      type: 'screening-stress',
      isOver: false,
    });
    expect(postscreenFact('leaving STRESS mode with 60 connections')).to.deep.equal({
      type: 'screening-stress',
      isOver: true,
    });
  });

  it('finds no fact in lines without abuse', () => {
    const bad: [string, string][] = [
      ['CONNECT from [192.0.2.1]:40000 to [192.0.2.25]:25', 'a connection'],
      ['DNSBL rank 3 for [192.0.2.1]:40000', 'what others say'],
      ['DENYLISTED [192.0.2.1]:40000', 'what the administrator says'],
      ['ALLOWLISTED [192.0.2.1]:40000', 'what the administrator says'],
      ['ALLOWLIST VETO [192.0.2.1]:40000', 'what the administrator says'],
      ['warning: getpeername: Transport endpoint is not connected -- dropping this connection', 'no client'],
      ['cache btree:/var/lib/postfix/postscreen_cache full cleanup: retained=1', 'no client'],
    ];
    for (const [message, reason] of bad) expect(said(message), `${reason}: ${message}`).to.equal(undefined);
  });
});
