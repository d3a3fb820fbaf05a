// Messages rejected after DATA: once each, charged to the client of their queue ID; and sessions of postscreen.

import { expect } from 'chai';
import { charges, line } from './log.ts';

const A = 'a.example.net[192.0.2.1]';
const B = 'b.example.net[192.0.2.2]';
const TAIL = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<x>';
const ONE = ['rejected-message 192.0.2.1'];

function header(queueId: string, text = 'Subject: x', from = A): string {
  return line(`${queueId}: reject: header ${text} from ${from}; ${TAIL}: 5.7.1 no`, 'cleanup', 900);
}

describe('maillog/sessions: rejected messages', () => {
  it('are charged to the client of the queue ID', () => {
    const session = [line(`connect from ${A}`), line(`4F1B2A3C4D: client=${A}`), header('4F1B2A3C4D')];
    expect(charges(session)).to.deep.equal(ONE);
    expect(charges([...session, line(`disconnect from ${A}`)])).to.deep.equal(ONE);
  });

  it('are charged to it although another client’s line names itself in the text', () => {
    const lines = [
      line(`4F1B2A3C4D: client=${A}`),
      header('4F1B2A3C4D', `x from ${B}; helo=<x>: 5.7.1 no`, B),
    ];
    expect(charges(lines)).to.deep.equal(ONE);
  });

  it('are nobody’s under a queue ID that no session has', () => {
    expect(charges([header('4F1B2A3C4D')])).to.deep.equal([]);
    const other = [line(`connect from ${A}`), line(`4F1B2A3C4D: client=${A}`), header('5F1B2A3C4D')];
    expect(charges(other)).to.deep.equal([]);
    const over = [line(`4F1B2A3C4D: client=${A}`), line(`disconnect from ${A}`), header('4F1B2A3C4D')];
    expect(charges(over)).to.deep.equal([]);
  });

  it('count once a message, and each message of a session', () => {
    const lines = [
      line(`connect from ${A}`),
      line(`4F1B2A3C4D: client=${A}`),
      header('4F1B2A3C4D'),
      header('4F1B2A3C4D', 'X-Other: y'),
      line(`4F1B2A3C4D: milter-reject: END-OF-MESSAGE from ${A}: 5.7.1 Spam; ${TAIL}`, 'cleanup', 900),
    ];
    expect(charges(lines)).to.deep.equal(ONE);
    const next = [line(`5F1B2A3C4D: client=${A}`), header('5F1B2A3C4D'), header('5F1B2A3C4D')];
    expect(charges([...lines, ...next])).to.deep.equal([...ONE, ...ONE]);
  });

  it('count once a message also where the session began before the log was read', () => {
    const reject = line(`4F1B2A3C4D: milter-reject: END-OF-MESSAGE from ${A}: 554 5.7.1 Spam; ${TAIL}`);
    expect(charges([reject, reject])).to.deep.equal(ONE);
    expect(charges([line(`4F1B2A3C4D: client=${A}`), reject, reject])).to.deep.equal(ONE);
  });

  it('are told by a milter at a fixed place, with no session at all', () => {
    const message = `4F1B2A3C4D: milter-reject: END-OF-MESSAGE from ${A}: 5.7.1 Spam; ${TAIL}`;
    expect(charges([line(message, 'cleanup')])).to.deep.equal(ONE);
  });

  it('are told by a proxy without a client: the session of the process names it', () => {
    for (const reject of ['proxy-reject: END-OF-MESSAGE', 'NOQUEUE: proxy-reject: END-OF-MESSAGE']) {
      const lines = [line(`connect from ${A}`), line(`${reject}: 554 5.7.0 Spam; ${TAIL}`)];
      expect(charges(lines), reject).to.deep.equal(ONE);
    }
  });

  it('are told at DATA, at BDAT and for a bare line feed', () => {
    for (const rest of [
      `reject: DATA from ${A}: 550 5.5.3 <DATA>: Data command rejected: Multi-recipient bounce; ${TAIL}`,
      `reject: BDAT from ${A}: 550 5.5.3 <DATA>: Data command rejected: Multi-recipient bounce; ${TAIL}`,
      `reject: END-OF-MESSAGE from ${A}: bare <LF> received; ${TAIL}`,
      `reject: END-OF-MESSAGE from ${A}: 554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: no; ${TAIL}`,
    ])
      expect(charges([line(`connect from ${A}`), line(`4F1B2A3C4D: ${rest}`)]), rest).to.deep.equal(ONE);
  });
});

describe('maillog/sessions: postscreen', () => {
  const postscreen = (...messages: string[]) => messages.map((message) => line(message, 'postscreen', 7));

  it('charges a drop once, at the DISCONNECT', () => {
    const session = postscreen(
      'CONNECT from [192.0.2.1]:40000 to [192.0.2.25]:25',
      'PREGREET 6 after 0.1 from [192.0.2.1]:40000: EHLO x',
      'COMMAND PIPELINING from [192.0.2.1]:40000 after EHLO: MAIL',
    );
    expect(charges(session)).to.deep.equal([]);
    const end = postscreen('DISCONNECT [192.0.2.1]:40000', 'DISCONNECT [192.0.2.1]:40000');
    expect(charges([...session, ...end])).to.deep.equal(['dropped-connection 192.0.2.1']);
  });

  it('forgets what it saw of a client that passes', () => {
    for (const pass of ['PASS NEW', 'PASS OLD']) {
      const lines = postscreen(
        'PREGREET 6 after 0.1 from [192.0.2.1]:40000: EHLO x',
        `${pass} [192.0.2.1]:40000`,
        'DISCONNECT [192.0.2.1]:40000',
      );
      expect(charges(lines), pass).to.deep.equal([]);
    }
  });

  it('takes a client that hangs up as abandoned', () => {
    const lines = postscreen(
      'HANGUP after 3 from [192.0.2.1]:40000 in tests before SMTP handshake',
      'DISCONNECT [192.0.2.1]:40000',
    );
    expect(charges(lines)).to.deep.equal(['abandoned-connection 192.0.2.1']);
  });

  it('tells connections of one process apart by address and port', () => {
    const lines = postscreen(
      'PREGREET 6 after 0.1 from [192.0.2.1]:40000: EHLO x',
      'HANGUP after 3 from [192.0.2.1]:40001 in tests before SMTP handshake',
      'BARE NEWLINE from [192.0.2.2]:40000 after EHLO',
      'DISCONNECT [192.0.2.2]:40001',
      'DISCONNECT [192.0.2.1]:40001',
      'PASS NEW [192.0.2.2]:40000',
      'DISCONNECT [192.0.2.1]:40000',
    );
    expect(charges(lines)).to.deep.equal(['abandoned-connection 192.0.2.1', 'dropped-connection 192.0.2.1']);
  });

  it('charges a rejected recipient at once, and the drop that follows beside it', () => {
    const reject =
      'NOQUEUE: reject: RCPT from [192.0.2.1]:40000: 550 5.7.1 Service unavailable; client [192.0.2.1] blocked using x; from=<a>';
    const lines = postscreen(
      reject,
      'COMMAND COUNT LIMIT from [192.0.2.1]:40000 after RCPT',
      'DISCONNECT [192.0.2.1]:40000',
    );
    expect(charges(lines)).to.deep.equal(['rejected-recipient 192.0.2.1', 'dropped-connection 192.0.2.1']);
  });
});
