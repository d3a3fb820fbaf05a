// Whole sessions in the log: the events of a connection, once it has ended.

import { expect } from 'chai';
import { charges, classified, eventsOf, line, newReader, OWN_TEXT, START } from './log.ts';

const A = 'a.example.net[192.0.2.1]';
const B = 'b.example.net[192.0.2.2]';
const LIMIT =
  'warning: service "smtp" (25) has reached its process limit "100": new clients may experience noticeable delays';
const TAIL = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<x>';

function smtpd(...messages: string[]): string[] {
  return messages.map((message) => line(message));
}

describe('maillog/sessions: connections', () => {
  it('count a drop once, at the disconnect, however many lines report it', () => {
    const session = smtpd(
      `connect from ${A}`,
      `improper command pipelining after EHLO from ${A}: QUIT`,
      `warning: Connection rate limit exceeded: 31 from ${A} for service smtp`,
      `timeout after EHLO from ${A}`,
      `too many errors after EHLO from ${A}`,
    );
    expect(charges(session)).to.deep.equal([]);
    const end = `disconnect from ${A} ehlo=1 commands=1`;
    expect(charges([...session, ...smtpd(end, end)])).to.deep.equal(['dropped-connection 192.0.2.1']);
  });

  it('charge it at the time of the disconnect, with the name that Postfix verified', () => {
    const lines = [
      line(`timeout after EHLO from ${A}`, 'smtpd', 1, 3),
      line(`disconnect from ${A}`, 'smtpd', 1, 5),
    ];
    const client = { address: '192.0.2.1', name: 'a.example.net' };
    const detail = {
      ending: 'timeout after EHLO',
      line: `mx postfix/smtpd[1]: timeout after EHLO from ${A}`,
    };
    expect(eventsOf(lines)).to.deep.equal([
      { kind: 'dropped-connection', class: 'timeout', at: START + 5000, ...client, detail },
    ]);
  });

  it('charge nothing where nothing ended them', () => {
    expect(
      charges(smtpd(`connect from ${A}`, `disconnect from ${A} ehlo=1 quit=1 commands=2`)),
    ).to.deep.equal([]);
  });

  it('are abandoned where the client hung up', () => {
    const session = smtpd(
      `connect from ${A}`,
      `lost connection after RCPT from ${A}`,
      `disconnect from ${A}`,
    );
    expect(charges(session)).to.deep.equal(['abandoned-connection 192.0.2.1']);
  });

  it('are dropped where the client hung up behind a drop, or before it', () => {
    for (const lines of [
      [`too many errors after RCPT from ${A}`, `lost connection after RCPT from ${A}`],
      [`lost connection after RCPT from ${A}`, `too many errors after RCPT from ${A}`],
    ])
      expect(charges(smtpd(...lines, `disconnect from ${A}`))).to.deep.equal([
        'dropped-connection 192.0.2.1',
      ]);
  });

  it('end with the next connect, where the line of their disconnect was lost', () => {
    const lines = smtpd(`timeout after EHLO from ${A}`, `connect from ${B}`, `disconnect from ${B}`);
    expect(charges(lines)).to.deep.equal(['dropped-connection 192.0.2.1']);
  });

  it('are distinguished by process, though the processes take turns', () => {
    const turns: [string, number][] = [
      [`connect from ${A}`, 1],
      [`connect from ${B}`, 2],
      [`too many errors after RCPT from ${A}`, 1],
      [`disconnect from ${B}`, 2],
      [`connect from ${B}`, 2],
      [`disconnect from ${A}`, 1],
      [`lost connection after EHLO from ${B}`, 2],
      [`disconnect from ${B}`, 2],
    ];
    const lines = turns.map(([message, pid]) => line(message, 'smtpd', pid));
    expect(charges(lines)).to.deep.equal(['dropped-connection 192.0.2.1', 'abandoned-connection 192.0.2.2']);
  });

  it('charge one drop each, one behind the other in a process', () => {
    const session = [`connect from ${A}`, `timeout after EHLO from ${A}`, `disconnect from ${A}`];
    expect(charges(smtpd(...session, ...session))).to.deep.equal(
      Array(2).fill('dropped-connection 192.0.2.1'),
    );
  });

  it('keep the events of other kinds beside the drop', () => {
    const lines = smtpd(
      `connect from ${A}`,
      `warning: ${A}: SASL LOGIN authentication failed: UGFzc3dvcmQ6`,
      `NOQUEUE: reject: RCPT from ${A}: 550 5.1.1 <b@example.com>: Recipient address rejected: x; ${TAIL}`,
      `NOQUEUE: reject: RCPT from ${A}: 450 4.7.1 <c@example.com>: Recipient address rejected: x; ${TAIL}`,
      `too many errors after RCPT from ${A}`,
      `disconnect from ${A} ehlo=1 auth=0/1 rcpt=0/2 commands=1/4`,
    );
    expect(charges(lines)).to.deep.equal([
      'auth-failure 192.0.2.1',
      'rejected-recipient 192.0.2.1',
      'dropped-connection 192.0.2.1',
    ]);
  });
});

describe('maillog/sessions: not counted', () => {
  const nobody: Record<string, string[]> = {
    'for temporary rejections': smtpd(
      `NOQUEUE: reject: RCPT from ${A}: 450 4.2.0 <b@example.com>: Recipient address rejected: Greylisted; ${TAIL}`,
      `NOQUEUE: milter-reject: END-OF-MESSAGE from ${A}: 451 4.7.1 later; ${TAIL}`,
    ),
    'for rejections before RCPT': smtpd(
      `NOQUEUE: reject: EHLO from ${A}: 504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname; x`,
      `NOQUEUE: reject: MAIL from ${A}: 554 5.7.1 <x>: Sender address rejected: Access denied; x`,
    ),
    'for the server’s own fault': smtpd(
      `warning: ${A}: SASL LOGIN authentication failed: Connection lost to authentication server`,
    ),
    'where Postfix could not see the client': smtpd(
      'connect from unknown[unknown]',
      'lost connection after CONNECT from unknown[unknown]',
      'warning: unknown[unknown]: SASL LOGIN authentication failed: x',
      'NOQUEUE: reject: RCPT from unknown[unknown]: 550 5.1.1 x',
      'disconnect from unknown[unknown] commands=0/0',
    ),
    'for mail of the host’s own': [
      line('4F1B2A3C4D: reject: header Subject: x from local; from=<root@x> to=<b@y>: 5.7.1 no', 'cleanup'),
    ],
    'by other programs': ['smtp', 'lmtp', 'qmgr', 'relay/smtp', 'tlsproxy', 'anvil', 'dnsblog'].flatMap(
      (program) => [
        line(`NOQUEUE: reject: RCPT from ${A}: 550 5.1.1 x; ${TAIL}`, program),
        line(`warning: ${A}: SASL LOGIN authentication failed: x`, program),
        line(`timeout after EHLO from ${A}`, program),
        line(`disconnect from ${A}`, program),
      ],
    ),
    'for a proxy’s rejection in a session that nobody saw': smtpd(
      `proxy-reject: END-OF-MESSAGE: 554 5.7.0 x; ${TAIL}`,
    ),
  };
  for (const [why, lines] of Object.entries(nobody)) {
    it(why, () => expect(charges(lines)).to.deep.equal([]));
  }
});

describe('maillog/sessions: what only looks like a drop', () => {
  const end = (counts: string) => `disconnect from ${A} ${counts}`;
  const PIPELINED = `improper command pipelining after EHLO from ${A}: QUIT\\r\\n`;
  const IDLE = `timeout after END-OF-MESSAGE from ${A}`;
  const MESSAGE = `4F1B2A3C4D: client=${A}`;
  const REJECTED = `4F1B2A3C4D: reject: END-OF-MESSAGE from ${A}: 554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: x; ${TAIL}`;

  const cases: readonly (readonly [what: string, lines: readonly string[], charged: readonly string[]])[] = [
    [
      'pipelining that ended the session: its command was not executed',
      [PIPELINED, end('ehlo=0/1 commands=0/1')],
      ['dropped-connection/protocol 192.0.2.1'],
    ],
    [
      'what a client said before the greeting, which ended the session',
      [`improper command pipelining after CONNECT from ${A}: x`, end('commands=0/0')],
      ['dropped-connection/protocol 192.0.2.1'],
    ],
    [
      'pipelining that was only noticed, by a client that quits',
      [PIPELINED, end('ehlo=1 quit=1 commands=2')],
      [],
    ],
    ['pipelining before Postfix 3.0, which never drops for it', [PIPELINED, `disconnect from ${A}`], []],
    [
      'pipelining at DATA, with a hang-up behind the message that smtpd does not log',
      [
        MESSAGE,
        `improper command pipelining after DATA from ${A}: x`,
        end('ehlo=1 mail=1 rcpt=1 data=1 commands=4'),
      ],
      [],
    ],
    [
      'pipelining by a client that goes on and hangs up',
      [PIPELINED, MESSAGE, `lost connection after DATA from ${A}`, end('ehlo=1 data=0/1 commands=1/2')],
      ['abandoned-connection 192.0.2.1'],
    ],
    [
      'pipelining by a client that goes on until it is dropped',
      [PIPELINED, `too many errors after RCPT from ${A}`, end('ehlo=1 rcpt=0/20 commands=1/21')],
      ['dropped-connection/too-many-errors 192.0.2.1'],
    ],
    [
      'pipelining by a client that goes on to fail a login',
      [PIPELINED, `warning: ${A}: SASL LOGIN authentication failed: x`, end('ehlo=1 auth=0/1 commands=1/2')],
      ['auth-failure 192.0.2.1'],
    ],
    ['pipelining, and the disconnect was not logged', [PIPELINED, `connect from ${A}`], []],
    ['an idle client whose message was accepted', [MESSAGE, IDLE, end('ehlo=1 data=1 commands=2')], []],
    ['the same before Postfix 3.0', [MESSAGE, IDLE, `disconnect from ${A}`], []],
    [
      'an idle client none of whose messages was accepted',
      [MESSAGE, REJECTED, IDLE, end('ehlo=1 data=0/1 commands=1/2')],
      ['rejected-message/restriction 192.0.2.1', 'dropped-connection/timeout 192.0.2.1'],
    ],
    [
      'the same before Postfix 3.0',
      [MESSAGE, REJECTED, IDLE, `disconnect from ${A}`],
      ['rejected-message/restriction 192.0.2.1', 'dropped-connection/timeout 192.0.2.1'],
    ],
    [
      'a client that quits, whatever came before',
      [`timeout after EHLO from ${A}`, end('quit=1 commands=1')],
      [],
    ],
  ];
  for (const [what, lines, charged] of cases) {
    it(`is recognized: ${what}`, () =>
      expect(classified(smtpd(`connect from ${A}`, ...lines))).to.deep.equal(charged));
  }
});

describe('maillog/sessions: TLS handshakes', () => {
  const library = (reason: string, data = '') =>
    `warning: TLS library problem: error:0A000416:SSL routines::${reason}:../ssl/record/rec_layer_s3.c:1600:${data}`;
  const FAILED = `SSL_accept error from ${A}: -1`;
  const LOST = `lost connection after STARTTLS from ${A}`;
  const END = `disconnect from ${A} ehlo=1 starttls=0/1 commands=1/2`;
  const ABANDONED = ['abandoned-connection 192.0.2.1'];
  const DROPPED = ['dropped-connection/tls 192.0.2.1'];

  const cases: readonly (readonly [what: string, lines: readonly string[], charged: readonly string[]])[] = [
    [
      'the client closed the connection, as OpenSSL 3 tells it',
      [library('unexpected eof while reading'), LOST],
      ABANDONED,
    ],
    [
      'the client refused our certificate by an alert',
      [library('sslv3 alert certificate unknown', 'SSL alert number 46:'), LOST],
      ABANDONED,
    ],
    [
      'the same in the words of OpenSSL 1',
      [
        'warning: TLS library problem: error:14094416:SSL routines:ssl3_read_bytes:sslv3 alert certificate unknown:../ssl/record/rec_layer_s3.c:1544:SSL alert number 46:',
        LOST,
      ],
      ABANDONED,
    ],
    ['nothing but the end, as before Postfix 2.8', [LOST], ABANDONED],
    ['no common ciphers', [library('no shared cipher'), LOST], DROPPED],
    ['no TLS at all', [library('http request'), LOST], DROPPED],
    ['the end was not logged', [], DROPPED],
    [
      'too many of them',
      [`warning: New TLS session rate limit exceeded: 61 from ${A} for service smtp`, LOST],
      ['dropped-connection/rate-limit 192.0.2.1'],
    ],
  ];
  for (const [what, lines, charged] of cases) {
    it(`that failed belong to the side that made them fail: ${what}`, () =>
      expect(classified(smtpd(`connect from ${A}`, FAILED, ...lines, END))).to.deep.equal(charged));
  }

  it('are not those of another process', () => {
    const lines = [
      ...smtpd(`connect from ${A}`, FAILED),
      line(library('unexpected eof while reading'), 'smtpd', 102),
      ...smtpd(LOST, END),
    ];
    expect(classified(lines)).to.deep.equal(ABANDONED);
    const other = [
      ...smtpd(`connect from ${A}`, FAILED, library('no shared cipher')),
      line(library('unexpected eof while reading'), 'smtpd', 102),
      ...smtpd(LOST, END),
    ];
    expect(classified(other)).to.deep.equal(DROPPED);
  });
});

describe('maillog/sessions: logins', () => {
  const GONE = "warning: SASL: Connect to Dovecot auth socket 'private/auth' failed: Connection refused";
  const FAILED = `warning: ${A}: SASL LOGIN authentication failed: (reason unavailable), sasl_username=x`;
  const CHARGED = ['auth-failure 192.0.2.1'];

  it('that fail right after the process found the authentication server gone are the server’s own', () => {
    expect(classified(smtpd(`connect from ${A}`, GONE, FAILED))).to.deep.equal([]);
    expect(classified(smtpd(GONE, GONE, FAILED)), 'without its connect').to.deep.equal([]);
    const stale = FAILED.replace('(reason unavailable)', 'Password mismatch');
    expect(classified(smtpd(GONE, stale)), 'with the reason of a failure before').to.deep.equal([]);
  });

  it('that fail later, elsewhere, or for the next client are not', () => {
    expect(classified(smtpd(`connect from ${A}`, GONE, FAILED, FAILED))).to.deep.equal(CHARGED);
    expect(classified([line(GONE, 'smtpd', 102), ...smtpd(FAILED)])).to.deep.equal(CHARGED);
    expect(classified(smtpd(`connect from ${B}`, GONE, `disconnect from ${B}`, FAILED))).to.deep.equal(
      CHARGED,
    );
  });

  it('where no AUTH is offered are known from the counts of the session alone', () => {
    const session = (counts: string, ...lines: string[]) =>
      classified(smtpd(`connect from ${A}`, ...lines, `disconnect from ${A} ${counts}`));
    const probes = (count: number) => Array(count).fill('probe/auth-not-offered 192.0.2.1');
    expect(session('ehlo=1 auth=0/3 quit=1 commands=2/5')).to.deep.equal(probes(3));
    expect(session('ehlo=1 auth=0/1 quit=1 commands=2/3')).to.deep.equal(probes(1));
    expect(session('ehlo=1 auth=0/4000000 commands=1/4000001')).to.have.length(1000);
    expect(
      classified(smtpd(`connect from ${B}`, `disconnect from ${A} ehlo=1 xclient=1 auth=0/1 commands=2/3`)),
      'of a client that XCLIENT named',
    ).to.deep.equal(probes(1));
    expect(session('ehlo=1 auth=1 quit=1 commands=3')).to.deep.equal([]);
    expect(session('ehlo=1 auth=1/3 quit=1 commands=3/5'), 'one that succeeded').to.deep.equal([]);
    expect(session('ehlo=1 auth=0/1 commands=1/2', FAILED), 'one that was logged').to.deep.equal(CHARGED);
    for (const message of [
      `warning: ${A}: SASL LOGIN authentication failed: Connection lost to authentication server`,
      `warning: ${A}: SASL GSSAPI authentication aborted`,
      `warning: AUTH command rate limit exceeded: 9 from ${A} for service smtp`,
      `NOQUEUE: reject: CONNECT from ${A}: 554 5.7.1 <${A}>: Client host rejected: ${OWN_TEXT}; proto=SMTP`,
    ])
      expect(session('ehlo=1 auth=0/1 commands=1/2', message), message).to.deep.equal([]);
    expect(
      session('auth=0/1 commands=0/1', `improper command pipelining after AUTH from ${A}: x`),
      'one that was not answered',
    ).to.deep.equal(['dropped-connection/protocol 192.0.2.1']);
    expect(
      classified(smtpd(`disconnect from ${A} ehlo=1 auth=0/3 commands=1/4`)),
      'a session that was not seen',
    ).to.deep.equal([]);
  });
});

describe('maillog/sessions: probes and full mailboxes', () => {
  const reject = (stage: string, reply: string) =>
    line(`NOQUEUE: reject: ${stage} from ${A}: ${reply}; ${TAIL}`);

  it('are kinds of their own', () => {
    const unknown = '550 5.1.1 <x@example.com>: Recipient address rejected: User unknown';
    expect(classified([reject('VRFY', unknown), reject('VRFY', unknown)])).to.deep.equal(
      Array(2).fill('probe/vrfy 192.0.2.1'),
    );
    expect(classified([reject('VRFY', '450 4.1.1 <x>: Recipient address rejected: later')])).to.deep.equal(
      [],
    );
    expect(classified([reject('RCPT', '454 4.7.1 <x@y>: Relay access denied')])).to.deep.equal([
      'probe/relay-deferred 192.0.2.1',
    ]);
    expect(
      classified([reject('RCPT', '552 5.2.2 <b@example.com>: Recipient address rejected: Full')]),
    ).to.deep.equal(['mailbox-full 192.0.2.1']);
    expect(
      classified([reject('END-OF-MESSAGE', '554 5.2.2 <END-OF-MESSAGE>: End-of-data rejected: Full')]),
    ).to.deep.equal(['mailbox-full 192.0.2.1']);
  });
});

describe('maillog/sessions: why a record is not counted', () => {
  const refused = `NOQUEUE: reject: RCPT from ${A}: 554 5.7.1 <${A}>: Client host rejected: ${OWN_TEXT}; ${TAIL}`;
  const rejected = `4F1B2A3C4D: reject: DATA from ${A}: 554 5.5.1 <DATA>: Data command rejected: x; ${TAIL}`;
  const cases: readonly (readonly [why: string | undefined, ...lines: string[]])[] = [
    ['temporary', line(`NOQUEUE: reject: RCPT from ${A}: 450 4.7.1 later; ${TAIL}`)],
    ['own-refusal', line(refused)],
    [
      'own-refusal-echo',
      line(refused),
      line(`too many errors after RCPT from ${A}`),
      line(`disconnect from ${A}`),
    ],
    ['server-fault', line(`warning: ${A}: SASL PLAIN authentication failed: generic failure`)],
    ['given-up', line(`warning: ${A}: SASL GSSAPI authentication aborted`)],
    ['rate-limit', line(`warning: Recipient address rate limit exceeded: 9 from ${A} for service smtp`)],
    [
      'host-busy',
      line('NOQUEUE: reject: CONNECT from [192.0.2.1]:40000: all server ports busy', 'postscreen'),
    ],
    ['stress', line(LIMIT, 'master', 9), line(`timeout after EHLO from ${A}`)],
    ['went-on', line(`timeout after EHLO from ${A}`), line(`disconnect from ${A} ehlo=1 quit=1 commands=2`)],
    [
      'other-stage',
      line(`NOQUEUE: reject: MAIL from ${A}: 554 5.7.1 <x>: Sender address rejected: x; ${TAIL}`),
    ],
    ['counted', line(`4F1B2A3C4D: client=${A}`), line(rejected), line(rejected)],
    ['nobody', line(`4F1B2A3C4D: reject: header x from ${A}; ${TAIL}: 5.7.1 no`, 'cleanup')],
    [undefined, line(`NOQUEUE: reject: RCPT from ${A}: 550 5.1.1 x; ${TAIL}`)],
    [undefined, line(`connect from ${A}`)],
    [undefined, line('no line of a client')],
  ];
  for (const [why, ...lines] of cases) {
    it(`is recognized: ${why ?? `nothing of ${lines[0]?.slice(50, 80)}`}`, () => {
      const reader = newReader();
      eventsOf(lines, reader);
      expect(reader.uncounted).to.equal(why);
    });
  }
});
