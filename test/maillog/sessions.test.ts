// Whole sessions in the log: what a connection is charged with, once it is over.

import { expect } from 'chai';
import { charges, eventsOf, line, START } from './log.ts';

const A = 'a.example.net[192.0.2.1]';
const B = 'b.example.net[192.0.2.2]';
const TAIL = 'from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<x>';

function smtpd(...messages: string[]): string[] {
  return messages.map((message) => line(message));
}

describe('maillog/sessions: connections', () => {
  it('charge a drop once, at the disconnect, however many lines told of it', () => {
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

  it('are told apart by process, though the processes take turns', () => {
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

describe('maillog/sessions: nobody is charged', () => {
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

describe('maillog/sessions: stress', () => {
  const limit =
    'warning: service "smtp" (25) has reached its process limit "100": new clients may experience x';
  const session = [`connect from ${A}`, `timeout after EHLO from ${A}`, `disconnect from ${A}`];

  function dropsAfter(seconds: number): string[] {
    const lines = session.map((message) => line(message, 'smtpd', 1, seconds));
    return charges([line(limit, 'master', 9, 0), ...lines]);
  }

  it('charges nobody with drops while Postfix is short of processes', () => {
    expect(dropsAfter(0)).to.deep.equal([]);
    expect(dropsAfter(999)).to.deep.equal([]);
  });

  it('charges drops again when it is over', () => {
    expect(dropsAfter(3600)).to.deep.equal(['dropped-connection 192.0.2.1']);
  });

  it('still charges what is not a drop', () => {
    const login = `warning: ${A}: SASL LOGIN authentication failed: UGFzc3dvcmQ6`;
    expect(charges([line(limit, 'master'), line(login)])).to.deep.equal(['auth-failure 192.0.2.1']);
  });

  it('is told by the warning of master alone', () => {
    const drop = session.map((message) => line(message, 'smtpd', 1, 1));
    for (const text of [line(limit, 'smtpd'), line(limit.slice(9), 'master'), line(`x ${limit}`, 'master')])
      expect(charges([text, ...drop]), text).to.deep.equal(['dropped-connection 192.0.2.1']);
  });
});
