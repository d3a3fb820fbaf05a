// What clients do well: accepted messages, logins, and connections that end in order; each once, and nobody else's.

import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { type GoodEvent, isGood } from '../../src/blocks/events/event.ts';
import { userHash } from '../../src/maillog/login-user.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { goodReader, line, OWN_TEXT, START } from './log.ts';
import { parseLine } from './parse-line.ts';

const A = 'a.example.net[192.0.2.1]';
const B = 'unknown[192.0.2.2]';
const FILTER = 'localhost[127.0.0.1]';
const ID = '4F1B2A3C4D';
const OTHER = '5F1B2A3C4D';
const TAIL = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<x>';
const COUNTS = ' ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5';

function goodEvents(lines: readonly string[], reader = goodReader()): GoodEvent[] {
  const stamps = new StampReader();
  const events: GoodEvent[] = [];
  for (const text of lines) {
    const record = parseLine(text, stamps, START);
    if (record !== undefined) reader.read(record, (event) => isGood(event) && events.push(event));
  }
  return events;
}

/** `KIND ADDRESS[ RECIPIENTS]` */
function good(lines: readonly string[], reader = goodReader()): string[] {
  return goodEvents(lines, reader).map(
    (event) =>
      `${event.kind} ${event.address}${event.kind === 'accepted-message' ? ` ${event.recipients}` : ''}`,
  );
}

const queued = (id: string, recipients = 1, second = 0): string =>
  line(`${id}: from=<a@example.net>, size=512, nrcpt=${recipients} (queue active)`, 'qmgr', 50, second);
const accepted = (address: string, recipients = 1) => `accepted-message ${address} ${recipients}`;
const client = (id: string, of = A, pid = 101): string => line(`${id}: client=${of}`, 'smtpd', pid);

describe('maillog/good-events: accepted messages', () => {
  it('count when qmgr takes them up, with their recipients, at the time of its line', () => {
    const lines = [line(`connect from ${A}`), client(ID), queued(ID, 3, 7)];
    expect(goodEvents(lines)).to.deep.equal([
      {
        kind: 'accepted-message',
        at: START + 7000,
        address: '192.0.2.1',
        name: 'a.example.net',
        recipients: 3,
      },
    ]);
  });

  it('count once, however often they leave the deferred queue', () => {
    expect(good([client(ID), queued(ID, 2), queued(ID), queued(ID)])).to.deep.equal([
      accepted('192.0.2.1', 2),
    ]);
  });

  it('count each, also after their session has ended and another client has its process', () => {
    const lines = [
      line(`connect from ${A}`),
      client(ID),
      client(OTHER),
      line(`disconnect from ${A}${COUNTS}`),
      line(`connect from ${B}`),
      client('6F1B2A3C4D', B),
      queued(OTHER),
      queued('6F1B2A3C4D', 4),
      queued(ID, 2),
    ];
    expect(good(lines)).to.deep.equal([
      'ended-connection 192.0.2.1',
      accepted('192.0.2.1'),
      accepted('192.0.2.2', 4),
      accepted('192.0.2.1', 2),
    ]);
  });

  it('do not count while qmgr has not taken them up: refused, given up or only begun', () => {
    const reject = line(`${ID}: milter-reject: END-OF-MESSAGE from ${A}: 5.7.1 no; ${TAIL}`, 'cleanup');
    for (const lines of [
      [client(ID), reject],
      [client(ID), line(`lost connection after DATA (9 bytes) from ${A}`)],
      [client(ID), line(`${ID}: discard: header Subject: x from ${A}; ${TAIL}: x`, 'cleanup')],
      [client(ID), queued(OTHER)],
      [queued(ID), client(ID)],
    ])
      expect(good(lines)).to.deep.equal([]);
  });

  it('count for the last client that had a short queue ID', () => {
    const begun = [client(ID, A, 1), client(ID, B, 2)];
    expect(good([...begun, queued(ID), queued(ID)])).to.deep.equal([accepted('192.0.2.2')]);
    expect(good([...begun, client(ID, FILTER, 3), queued(ID)])).to.deep.equal([]);
    const over = [client(ID), line(`disconnect from ${A} ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4`)];
    expect(good([...over, queued(ID)])).to.deep.equal([]);
  });

  it('count for the client of their own host', () => {
    const of = (host: string, text: string) => text.replace(' mx ', ` ${host} `);
    const lines = [
      of('mx1', client(ID)),
      of('mx2', client(ID, B)),
      of('mx2', queued(ID)),
      of('mx1', queued(ID)),
    ];
    expect(good(lines)).to.deep.equal([accepted('192.0.2.2'), accepted('192.0.2.1')]);
    expect(good([of('mx1', client(ID)), of('mx2', queued(ID))])).to.deep.equal([]);
    expect(good([of('', client(ID)), of('', queued(ID))])).to.deep.equal([accepted('192.0.2.1')]);
  });

  it('count under whatever syslog_name the services of an instance have', () => {
    for (const [smtpd, qmgr] of [
      ['postfix/submission/smtpd', 'postfix/qmgr'],
      ['postfix-in/smtpd', 'postfix-in/qmgr'],
      ['mail-in/smtpd', 'postfix/qmgr'],
    ] as const) {
      const lines = [client(ID).replace('postfix/smtpd', smtpd), queued(ID).replace('postfix/qmgr', qmgr)];
      expect(good(lines), smtpd).to.deep.equal([accepted('192.0.2.1')]);
    }
  });

  it('are nobody’s where they come from this host or an unknown address', () => {
    for (const of of [FILTER, 'localhost[::1]', 'x[127.0.0.35]', 'x[::ffff:127.0.0.1]', 'unknown[unknown]']) {
      const session = [line(`connect from ${of}`), client(ID, of), queued(ID)];
      expect(good([...session, line(`disconnect from ${of} auth=1${COUNTS}`)]), of).to.deep.equal([]);
    }
  });

  it('are not read where nobody needs them', () => {
    const lines = [
      line(`connect from ${A}`),
      client(ID),
      queued(ID),
      line(`disconnect from ${A} auth=1${COUNTS}`),
    ];
    const reader = new LogReader();
    expect(good(lines, reader)).to.deep.equal([]);
    expect(reader.sessions.state.waiting.messages).to.deep.equal([]);
    expect(good(lines)).to.have.length(3);
  });
});

describe('maillog/good-events: recipients', () => {
  const message = (sender: string, rest = '>, size=512, nrcpt=3 (queue active)') =>
    line(`${ID}: from=<${sender}${rest}`, 'qmgr');
  const forged = 'x>, size=1, nrcpt=900 (queue active)';
  const cases: readonly (readonly [what: string, text: string, recipients: number | undefined])[] = [
    ['are those of the line', message('a@b.example'), 3],
    ['of the empty sender', message(''), 3],
    ['are at most 1,000', message('', '>, size=512, nrcpt=50000 (queue active)'), 1000],
    ['are at least 1', message('', '>, size=512, nrcpt=0 (queue active)'), 1],
    ['are 1 where the sender names them too', message(`${forged}"@b.example`), 1],
    ['are 1 where a line that long may have been cut', message(`${'x'.repeat(150)}${forged}`, ''), 1],
    ['are 1 where the line is cut', message('', '>, size=512, nrc'), 1],
    [
      'of a message that has expired are none',
      message('a@b.example', '>, status=expired, returned to sender'),
      undefined,
    ],
    ['of a line that is cut in the sender are none', message('a@b.ex', ''), undefined],
  ];
  for (const [what, text, recipients] of cases)
    it(what, () => {
      const events = recipients === undefined ? [] : [accepted('192.0.2.1', recipients)];
      expect(good([client(ID), text])).to.deep.equal(events);
    });
});

describe('maillog/good-events: messages that a content filter returns', () => {
  const back = (id: string, more: string) => line(`${id}: client=${FILTER}${more}`, 'smtpd', 202);
  const front = (message: string) => line(message, 'smtpd', 101);
  const accept = front(`proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as ${ID}; ${TAIL}`);

  it('count once, for the client that brought them', () => {
    for (const more of [
      '',
      `, orig_queue_id=${ID}, orig_client=${A}`,
      `, orig_client=${A}`,
      `, orig_queue_id=${ID}`,
    ]) {
      const lines = [client(ID), queued(ID, 2), back(OTHER, more), queued(OTHER, 2)];
      expect(good(lines), more).to.deep.equal([accepted('192.0.2.1', 2)]);
    }
  });

  it('count once where the filter is another host, and Postfix has logged the queue ID', () => {
    const again = client(OTHER, `filter[192.0.2.9], orig_queue_id=${ID}, orig_client=${A}`, 202);
    expect(good([client(ID), queued(ID), again, queued(OTHER)])).to.deep.equal([accepted('192.0.2.1')]);
  });

  it('before the queue count when the filter accepts them, with one recipient', () => {
    const begun = [front(`connect from ${A}`), front(`NOQUEUE: client=${A}`)];
    expect(good([...begun, accept])).to.deep.equal([accepted('192.0.2.1')]);
    expect(good([...begun, back(ID, ''), queued(ID, 3), accept])).to.deep.equal([accepted('192.0.2.1')]);
    expect(good([...begun, accept, accept])).to.deep.equal([accepted('192.0.2.1')]);
    const refuse = front(`proxy-reject: END-OF-MESSAGE: 554 5.7.0 250 no; ${TAIL}`);
    expect(good([...begun, refuse])).to.deep.equal([]);
    expect(good([accept])).to.deep.equal([]);
  });

  it('before the queue count with all recipients where the filter passes the client on', () => {
    const begun = [front(`connect from ${A}`), front(`NOQUEUE: client=${A}`)];
    const returned = back(ID, `, orig_client=${A}`);
    for (const lines of [
      [returned, queued(ID, 3), accept],
      [returned, accept, queued(ID, 3)],
    ])
      expect(good([...begun, ...lines])).to.deep.equal([accepted('192.0.2.1', 3)]);
    const second = [front(`NOQUEUE: client=${A}`), back(OTHER, `, orig_client=${A}`), accept, queued(OTHER)];
    expect(good([...begun, returned, queued(ID, 3), accept, ...second])).to.deep.equal([
      accepted('192.0.2.1', 3),
      accepted('192.0.2.1'),
    ]);
  });

  it('before the queue count once each where a client has several sessions', () => {
    const lines = [1, 2].flatMap((pid) => [line(`NOQUEUE: client=${A}`, 'smtpd', pid)]);
    const returned = [back(ID, `, orig_client=${A}`), back(OTHER, `, orig_client=${A}`)];
    const ends = [1, 2].map((pid) => line(`proxy-accept: END-OF-MESSAGE: 250 ok; ${TAIL}`, 'smtpd', pid));
    const events = good([...lines, ...returned, ...ends, queued(OTHER, 2), queued(ID, 5)]);
    expect(events).to.deep.equal([accepted('192.0.2.1', 2), accepted('192.0.2.1', 5)]);
  });
});

describe('maillog/good-events: messages on hold', () => {
  const hold = (what: string) => line(`${ID}: hold: ${what} from ${A}; ${TAIL}`, 'cleanup', 900);
  const ALL = hold('header Received: from x (a.example.net [192.0.2.1])??by mx (Postfix)');
  const begun = [line(`connect from ${A}`), client(ID)];

  it('count with one recipient where every message is held, when the session shows that they were accepted', () => {
    expect(good([...begun, ALL, client(OTHER)])).to.deep.equal([accepted('192.0.2.1')]);
    expect(good([...begun, ALL, line(`disconnect from ${A}${COUNTS}`)])).to.deep.equal([
      accepted('192.0.2.1'),
      'ended-connection 192.0.2.1',
    ]);
  });

  it('do not count where they were refused, or the client gave up', () => {
    const reject = line(`${ID}: milter-reject: END-OF-MESSAGE from ${A}: 5.7.1 no; ${TAIL}`, 'cleanup', 900);
    expect(good([...begun, ALL, reject, client(OTHER)])).to.deep.equal([]);
    const lost = line(`lost connection after DATA (9 bytes) from ${A}`);
    for (const counts of ['', ' ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4'])
      expect(good([...begun, ALL, lost, line(`disconnect from ${A}${counts}`)])).to.deep.equal([]);
  });

  it('count when they are released where a human decides, and not before; none counts twice', () => {
    const quarantined = [...begun, hold('header Subject: x'), client(OTHER)];
    expect(good(quarantined)).to.deep.equal([]);
    expect(good([...quarantined, queued(ID)])).to.deep.equal([accepted('192.0.2.1')]);
    expect(good([...begun, ALL, client(OTHER), queued(ID)])).to.deep.equal([accepted('192.0.2.1')]);
    expect(good([...begun, ALL, queued(ID), client(OTHER)])).to.deep.equal([accepted('192.0.2.1')]);
  });
});

describe('maillog/good-events: logins', () => {
  const user = (id: string, name: string, more = '', of = A) =>
    client(id, `${of}, sasl_method=PLAIN, sasl_username=${name}${more}`);
  const hashOf = (name: string) => createHash('sha256').update(name).digest().readUIntBE(0, 6);
  const logins = (lines: readonly string[]) =>
    goodEvents(lines).flatMap((event) => (event.kind === 'login' ? [[event.address, event.user]] : []));

  it('count with their user, once a session', () => {
    const session = [line(`connect from ${A}`), user(ID, 'ann@b.example'), user(OTHER, 'ann@b.example')];
    const end = line(`disconnect from ${A} ehlo=1 auth=1${COUNTS}`);
    const once = [['192.0.2.1', hashOf('ann@b.example')]];
    expect(logins([...session, end])).to.deep.equal(once);
    expect(logins([...session, end, ...session, end])).to.deep.equal([...once, ...once]);
  });

  it('name the user whatever follows it in the line', () => {
    for (const more of [', sasl_sender=x', `, orig_queue_id=${ID}, orig_client=${B}`, `, orig_client=${B}`])
      expect(logins([user(ID, 'ann', more)]), more).to.deep.equal([['192.0.2.1', hashOf('ann')]]);
  });

  it('have no user where no message followed: only the disconnect line counts them', () => {
    const begun = line(`connect from ${A}`);
    for (const counts of [' ehlo=1 auth=1 quit=1 commands=3', ' ehlo=1 auth=1/3 commands=2/4'])
      expect(logins([begun, line(`disconnect from ${A}${counts}`)]), counts).to.deep.equal([
        ['192.0.2.1', undefined],
      ]);
    for (const counts of [' ehlo=1 auth=0/3 quit=1 commands=2/5', ' ehlo=1 quit=1 commands=2', ''])
      expect(logins([begun, line(`disconnect from ${A}${counts}`)]), counts).to.deep.equal([]);
  });

  it('count by XCLIENT and before a filter in front of the queue', () => {
    const lines = [line(`connect from proxy[192.0.2.9]`), user('NOQUEUE', 'ann', '', B)];
    expect(logins(lines)).to.deep.equal([['192.0.2.2', hashOf('ann')]]);
  });

  it('are nobody’s from this host', () => {
    expect(logins([user(ID, 'ann', '', FILTER)])).to.deep.equal([]);
    const session = [line(`connect from ${FILTER}`), line(`disconnect from ${FILTER} auth=1${COUNTS}`)];
    expect(good(session)).to.deep.equal([]);
  });

  it('have a hash of their user that fits an exact number and does not depend on its case', () => {
    expect(userHash('ann@b.example')).to.equal(hashOf('ann@b.example'));
    expect(userHash('Ann@B.example')).to.equal(userHash('ann@b.example'));
    expect(userHash('Ann\xc3\x84')).to.equal(userHash('ann\xc3\x84'));
    expect(userHash('\xc3\x84')).not.to.equal(userHash('\xc3\xa4'));
    expect(userHash('ann')).to.be.below(2 ** 48);
    expect(userHash('\xc3\xa4')).to.equal(hashOf('ä'));
  });
});

describe('maillog/good-events: the user of a failed login', () => {
  const failure = (mechanism: string, rest: string) =>
    line(`warning: ${A}: SASL ${mechanism} authentication failed${rest}`);
  const userOf = (text: string): number | undefined => {
    const record = parseLine(text, new StampReader(), START);
    let user: number | undefined;
    if (record !== undefined)
      goodReader().read(record, (event) => {
        if (event.kind === 'auth-failure') user = event.user;
      });
    return user;
  };

  it('is that which Postfix names, to the letter and to the end of the line', () => {
    for (const name of ['ann@b.example', 'ann, sasl_username=bob', 'a b'])
      expect(userOf(failure('LOGIN', `: Reason, sasl_username=${name}`)), name).to.equal(userHash(name));
    expect(userOf(failure('PLAIN', ': , sasl_username=ann'))).to.equal(userHash('ann'));
  });

  it('is not known where Postfix does not name it, or may have cut it', () => {
    for (const rest of [
      '',
      ': UGFzc3dvcmQ6',
      ': x, sasl_username=(unavailable)',
      ': x, sasl_username=',
      `: x, sasl_username=${'a'.repeat(100)}`,
    ])
      expect(userOf(failure('LOGIN', rest)), rest).to.equal(undefined);
  });

  it('is never one that a client writes into the name of a mechanism', () => {
    const mechanism = 'X authentication failed: y, sasl_username=ann';
    const line = failure(mechanism, ': Invalid authentication mechanism, sasl_username=(unavailable)');
    expect(userOf(line)).not.to.equal(userHash('ann'));
    expect(userOf(failure('x, sasl_username=ann', ': no, sasl_username=(unavailable)'))).to.equal(undefined);
  });
});

describe('maillog/good-events: connections that end in order', () => {
  const end = (counts: string, before: readonly string[] = []) =>
    good([line(`connect from ${A}`), ...before, line(`disconnect from ${A}${counts}`)]);
  const ENDED = ['ended-connection 192.0.2.1'];
  const refusal = line(
    `NOQUEUE: reject: RCPT from ${A}: 554 5.7.1 <${A}>: Client host rejected: ${OWN_TEXT}; ${TAIL}`,
  );

  it('count with QUIT, or, before Postfix 3.0, where nothing else ended them', () => {
    expect(end(COUNTS)).to.deep.equal(ENDED);
    expect(end('')).to.deep.equal(ENDED);
    expect(
      end(' ehlo=1 rcpt=0/3 quit=1 commands=2/5', [
        line(`improper command pipelining after RCPT from ${A}: x`),
      ]),
    ).to.deep.equal(ENDED);
  });

  it('count where the server waited in vain for more after an accepted message', () => {
    const idle = line(`timeout after END-OF-MESSAGE from ${A}`);
    expect(end(' ehlo=1 mail=1 rcpt=1 data=1 commands=4', [client(ID), idle])).to.deep.equal(ENDED);
    expect(end('', [client(ID), idle])).to.deep.equal(ENDED);
    expect(end(' ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4', [client(ID), idle])).to.deep.equal([]);
  });

  it('do not count where the server or the client broke them off, or we refused the client', () => {
    for (const before of [
      line(`lost connection after RCPT from ${A}`),
      line(`timeout after RCPT from ${A}`),
      line(`too many errors after RCPT from ${A}`),
      line(`SSL_accept error from ${A}: -1`),
    ])
      for (const counts of ['', ' ehlo=1 commands=1'])
        expect(end(counts, [before]), before).to.deep.equal([]);
    expect(end(COUNTS, [refusal])).to.deep.equal([]);
    expect(end(' ehlo=1 commands=1'), 'a 421, or a limit under stress').to.deep.equal([]);
  });

  it('do not count where postscreen serves them, nor without their beginning', () => {
    const lines = ['CONNECT from [192.0.2.1]:40000 to [192.0.2.9]:25', 'DISCONNECT [192.0.2.1]:40000'];
    expect(good(lines.map((message) => line(message, 'postscreen')))).to.deep.equal([]);
    expect(good([line(`disconnect from ${A}${COUNTS}`)])).to.deep.equal([]);
  });
});
