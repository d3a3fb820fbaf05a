// Messages rejected after DATA: each counts once, for the client of its queue ID; and sessions of postscreen.

import { expect } from 'chai';
import { charges, line, newReader } from './log.ts';

const A = 'a.example.net[192.0.2.1]';
const B = 'b.example.net[192.0.2.2]';
const TAIL = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<x>';
const ONE = ['rejected-message 192.0.2.1'];

function header(queueId: string, text = 'Subject: x', from = A): string {
  return line(`${queueId}: reject: header ${text} from ${from}; ${TAIL}: 5.7.1 no`, 'cleanup', 900);
}

describe('maillog/messages: rejected messages', () => {
  it('count for the client of the queue ID', () => {
    const session = [line(`connect from ${A}`), line(`4F1B2A3C4D: client=${A}`), header('4F1B2A3C4D')];
    expect(charges(session)).to.deep.equal(ONE);
    expect(charges([...session, line(`disconnect from ${A}`)])).to.deep.equal(ONE);
  });

  it('count for it although another client’s line names itself in the text', () => {
    const lines = [
      line(`4F1B2A3C4D: client=${A}`),
      header('4F1B2A3C4D', `x from ${B}; helo=<x>: 5.7.1 no`, B),
    ];
    expect(charges(lines)).to.deep.equal(ONE);
  });

  it('count for no client under a queue ID that no session has', () => {
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

  it('are logged by a milter at a fixed place, with no session at all', () => {
    const message = `4F1B2A3C4D: milter-reject: END-OF-MESSAGE from ${A}: 5.7.1 Spam; ${TAIL}`;
    expect(charges([line(message, 'cleanup')])).to.deep.equal(ONE);
  });

  it('are logged by a proxy without a client: the session of the process names it', () => {
    for (const reject of ['proxy-reject: END-OF-MESSAGE', 'NOQUEUE: proxy-reject: END-OF-MESSAGE']) {
      const lines = [line(`connect from ${A}`), line(`${reject}: 554 5.7.0 Spam; ${TAIL}`)];
      expect(charges(lines), reject).to.deep.equal(ONE);
    }
  });

  it('are logged at DATA, at BDAT and for a bare line feed', () => {
    for (const rest of [
      `reject: DATA from ${A}: 550 5.5.3 <DATA>: Data command rejected: Multi-recipient bounce; ${TAIL}`,
      `reject: BDAT from ${A}: 550 5.5.3 <DATA>: Data command rejected: Multi-recipient bounce; ${TAIL}`,
      `reject: END-OF-MESSAGE from ${A}: bare <LF> received; ${TAIL}`,
      `reject: END-OF-MESSAGE from ${A}: 554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: no; ${TAIL}`,
    ])
      expect(charges([line(`connect from ${A}`), line(`4F1B2A3C4D: ${rest}`)]), rest).to.deep.equal(ONE);
  });
});

describe('maillog/messages: messages behind a content filter', () => {
  const FILTER = 'localhost[127.0.0.1]';

  it('count for the client that they came from, where Postfix logs it', () => {
    for (const origin of [
      `, orig_client=${A}`,
      `, orig_queue_id=3F1B2A3C4D, orig_client=${A}`,
      `, orig_client=${A}:40000`,
    ]) {
      const lines = [line(`connect from ${FILTER}`), line(`4F1B2A3C4D: client=${FILTER}${origin}`)];
      expect(charges([...lines, header('4F1B2A3C4D')]), origin).to.deep.equal(ONE);
      const milter = `4F1B2A3C4D: milter-reject: END-OF-MESSAGE from ${FILTER}: 5.7.1 Spam; ${TAIL}`;
      expect(charges([...lines, line(milter, 'cleanup')]), origin).to.deep.equal(ONE);
    }
  });

  it('count for no client where it does not, and never for this host', () => {
    for (const filter of [FILTER, 'localhost[::1]', 'x[127.0.0.35]']) {
      const lines = [line(`connect from ${filter}`), line(`4F1B2A3C4D: client=${filter}`)];
      expect(charges([...lines, header('4F1B2A3C4D')]), filter).to.deep.equal([]);
    }
    const milter = `4F1B2A3C4D: milter-reject: END-OF-MESSAGE from ${FILTER}: 5.7.1 Spam; ${TAIL}`;
    expect(charges([line(milter, 'cleanup')])).to.deep.equal([]);
  });

  it('never count for another client by the name of a SASL user', () => {
    const user = `x, orig_client=${B}`;
    const lines = [
      line(`4F1B2A3C4D: client=${A}, sasl_method=PLAIN, sasl_username=${user}`),
      header('4F1B2A3C4D'),
    ];
    expect(charges(lines)).to.deep.equal(ONE);
  });

  it('are separate for each message', () => {
    const lines = [
      line(`4F1B2A3C4D: client=${FILTER}, orig_client=${A}`),
      header('4F1B2A3C4D'),
      line(`5F1B2A3C4D: client=${FILTER}`),
      header('5F1B2A3C4D'),
      line(`6F1B2A3C4D: client=${FILTER}, orig_client=${B}`),
      header('6F1B2A3C4D'),
    ];
    expect(charges(lines)).to.deep.equal(['rejected-message 192.0.2.1', 'rejected-message 192.0.2.2']);
  });

  it('before the queue count once, though both smtpd processes log it', () => {
    const front = (message: string) => line(message, 'smtpd', 1);
    const behind = (message: string) => line(message, 'smtpd', 2);
    const reject = front(`proxy-reject: END-OF-MESSAGE: 550 5.7.1 no; ${TAIL}`);
    const refused = [
      front(`NOQUEUE: client=${A}`),
      behind(`4F1B2A3C4D: client=${FILTER}, orig_client=${A}`),
      header('4F1B2A3C4D'),
      reject,
    ];
    const start = [front(`connect from ${A}`), behind(`connect from ${FILTER}`)];
    expect(charges([...start, ...refused])).to.deep.equal(ONE);
    expect(
      charges([...start, ...refused, front(`NOQUEUE: client=${A}`), reject]),
      'the next one',
    ).to.deep.equal([...ONE, ...ONE]);
  });
});

describe('maillog/messages: postscreen', () => {
  const postscreen = (...messages: string[]) => messages.map((message) => line(message, 'postscreen', 7));

  it('counts a drop once, at the DISCONNECT', () => {
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

  it('forgets a test that failed where its client hangs up, or is passed on: the server ended nothing', () => {
    const tests = [
      'PREGREET 6 after 0.1 from [192.0.2.1]:40000: EHLO x',
      'BARE NEWLINE from [192.0.2.1]:40000 after EHLO',
      'NON-SMTP COMMAND from [192.0.2.1]:40000 after CONNECT: GET / HTTP/1.1',
      'COMMAND PIPELINING from [192.0.2.1]:40000 after EHLO: MAIL',
    ];
    for (const test of tests) {
      const hangUp = 'HANGUP after 6.5 from [192.0.2.1]:40000 in tests after SMTP handshake';
      const end = 'DISCONNECT [192.0.2.1]:40000';
      expect(charges(postscreen(test, hangUp, end)), test).to.deep.equal(['abandoned-connection 192.0.2.1']);
      expect(charges(postscreen(test, end)), test).to.deep.equal(['dropped-connection 192.0.2.1']);
      expect(charges(postscreen(test, 'PASS NEW [192.0.2.1]:40000')), test).to.deep.equal([]);
    }
  });

  it('keeps nothing forever of clients that were passed on without a line', () => {
    const reader = newReader();
    const test = (i: number, second: number) =>
      line(`PREGREET 6 after 0.1 from [192.0.2.1]:${i}: EHLO x`, 'postscreen', 7, second);
    charges(
      Array.from({ length: 500 }, (_, i) => test(i, i)),
      reader,
    );
    expect(reader.sessions.state.open).to.have.length(500);
    // An smtpd session stays for as long as it is open.
    charges([line(`connect from ${A}`)], reader);
    charges([test(1000, 3 * 3600)], reader);
    expect(reader.sessions.state.open).to.have.length(2);
    expect(reader.sessions.evicted).to.equal(0);
  });

  it('counts against no client where no process is left for a client', () => {
    const lines = postscreen(
      'NOQUEUE: reject: CONNECT from [192.0.2.1]:40000: all server ports busy',
      'DISCONNECT [192.0.2.1]:40000',
    );
    expect(charges(lines)).to.deep.equal([]);
  });

  it('takes a client that hangs up as abandoned', () => {
    const lines = postscreen(
      'HANGUP after 3 from [192.0.2.1]:40000 in tests before SMTP handshake',
      'DISCONNECT [192.0.2.1]:40000',
    );
    expect(charges(lines)).to.deep.equal(['abandoned-connection 192.0.2.1']);
  });

  it('distinguishes connections of one process by address and port', () => {
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

  it('counts a rejected recipient at once, and the drop that follows beside it', () => {
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
