// How lines are explained: which rules count them, or why none does.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { isAbuse, type LogEvent } from '../../src/blocks/events/event.ts';
import { parseConfig } from '../../src/config/config.ts';
import { Explainer } from '../../src/explain/explainer.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import { WHY } from '../../src/explain/why.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { LineReader } from '../../src/maillog/syslog/line-reader.ts';
import { logTextOf } from '../../src/maillog/syslog/log-text.ts';
import { MAIL_PROCESSES } from '../../src/maillog/syslog/process.ts';
import { HOST_ZONE } from '../../src/maillog/syslog/zone.ts';
import { clientKey } from '../../src/values/address.ts';
import { HOUR } from '../../src/values/duration.ts';
import { month } from '../bench/month.ts';
import { line, OWN_TEXT, START } from '../maillog/log.ts';

const SHIPPED = fileURLToPath(new URL('../../../policy.yml', import.meta.url));

function policyOf(text: string) {
  const { config, mistakes } = parseConfig(text, SHIPPED);
  if (config === undefined) throw new Error(`policy: ${JSON.stringify(mistakes)}`);
  return config;
}

const POLICY = policyOf(readFileSync(SHIPPED, 'utf8'));

function explained(lines: readonly string[], policy = POLICY): Explanation[] {
  const explainer = new Explainer(policy);
  const reader = new LineReader(HOST_ZONE, MAIL_PROCESSES);
  return lines.map((text, i) => {
    const read = reader.read(logTextOf(text), START, 0, text.length);
    return explainer.explain({
      source: 'mail.log',
      line: i + 1,
      text,
      read: read === 'unknown' ? 'no-time' : read,
    });
  });
}

/** Result and reason, the client's key and entry of the allow list, and the events with the rules that count them. */
function summaryOf({ result, why, client, events, expected }: Explanation): string {
  const all = [...events, ...(expected === null ? [] : [expected])];
  const words = all.map(
    (event) => `${event.class ?? event.kind} by ${event.rules.map(({ rule }) => rule).join('+') || 'none'}`,
  );
  return [result, why ?? '', client?.key ?? '', client?.allowed ?? '', ...words]
    .join(' ')
    .replace(/ +/g, ' ')
    .trim();
}

const CLIENT = 'mx.a.example[192.0.2.7]';
const ENVELOPE = 'from=<a@a.example> to=<b@b.example> proto=ESMTP helo=<mx.a.example>';
const rejected = (reply: string, client = CLIENT) =>
  `NOQUEUE: reject: RCPT from ${client}: ${reply}; ${ENVELOPE}`;

describe('explain/explainer', () => {
  const table: readonly [what: string, message: string, says: string, program?: string][] = [
    ['a connection', `connect from ${CLIENT}`, 'nothing no-event 192.0.2.7'],
    [
      'an unknown recipient',
      rejected('550 5.1.1 <b@b.example>: Recipient address rejected: User unknown in local recipient table'),
      'counted 192.0.2.7 unknown-recipient by rejected-recipients',
    ],
    [
      'a client of an IPv6 network',
      rejected('550 5.1.1 <b@b.example>: Recipient address rejected: User unknown', 'x[2001:db8:1:2::5]'),
      'counted 2001:db8:1:2::/64 unknown-recipient by rejected-recipients',
    ],
    [
      'greylisting',
      rejected('450 4.2.0 <b@b.example>: Recipient address rejected: Greylisted'),
      'not-counted temporary',
    ],
    [
      'our own refusal',
      rejected(`554 5.7.1 <${CLIENT}>: Client host rejected: ${OWN_TEXT}`),
      'not-counted own-refusal 192.0.2.7',
    ],
    [
      'a failed login',
      `warning: ${CLIENT}: SASL LOGIN authentication failed: UGFzc3dvcmQ6`,
      'counted 192.0.2.7 auth-failure by auth-failures',
    ],
    [
      'a failed login that is the fault of the server',
      `warning: ${CLIENT}: SASL LOGIN authentication failed: Connection lost to authentication server`,
      'not-counted server-fault 192.0.2.7',
    ],
    ['a drop', `timeout after RCPT from ${CLIENT}`, 'later session 192.0.2.7 timeout by connection-spam'],
    [
      'a client that hangs up',
      `lost connection after RCPT from ${CLIENT}`,
      'not-counted no-rule 192.0.2.7 abandoned-connection by none',
    ],
    [
      'a fault after which the session may go on',
      `improper command pipelining after EHLO from ${CLIENT}: QUIT`,
      'later open 192.0.2.7 protocol by connection-spam',
    ],
    [
      'a client without an address',
      'timeout after CONNECT from unknown[unknown]',
      'not-counted no-address timeout by none',
    ],
    [
      'a client on the allow list',
      'warning: localhost[127.0.0.1]: SASL LOGIN authentication failed: x',
      'not-counted allowed 127.0.0.1 loopback auth-failure by none',
    ],
    ['another program of Postfix', '4F1B2A3C4D: removed', 'nothing delivery', 'qmgr'],
    ['another program', 'imap-login: Disconnected', 'nothing other-program', 'dovecot'],
    [
      'what smtpd says beside',
      'warning: hostname a does not resolve to address 192.0.2.7',
      'nothing no-event',
    ],
    [
      'what looks like a refusal of a form that is not known',
      `NOQUEUE: reject: RCPT from ${CLIENT} for no reason`,
      'not-counted unknown-refusal',
    ],
    [
      'a refusal that was only a warning',
      `NOQUEUE: reject_warning: RCPT from ${CLIENT}: 550 5.1.1 <b@b.example>: no`,
      'nothing no-refusal',
    ],
    [
      "a header check whose message's client is not among the lines",
      '4F1B2A3C4D: reject: header Subject: x from a[192.0.2.7]; from=<a@x> to=<b@y> proto=ESMTP helo=<x>: 5.7.1 no',
      'not-counted nobody',
      'cleanup',
    ],
    [
      'stress',
      'warning: service "smtp" (25) has reached its process limit "100": new clients may experience noticeable delays',
      'nothing no-event',
      'master',
    ],
  ];
  for (const [what, message, says, program] of table) {
    it(`explains ${what}`, () => {
      const [explanation] = explained([line(message, program)]);
      expect(explanation && summaryOf(explanation)).to.equal(says);
      expect(explanation?.reason === null).to.equal(explanation?.result === 'counted');
    });
  }

  it('has the time and the process of a line, and how many times it was logged', () => {
    const [first, repeated, none] = explained([
      line(`connect from ${CLIENT}`, 'smtpd', 311, 5),
      line(`message repeated 3 times: [ ${rejected('550 5.1.1 <b@b.example>: no')}]`),
      'no line of a log',
    ]);
    expect(first?.record).to.deep.equal({
      at: '2026-11-23T10:00:05.000Z',
      program: 'smtpd',
      process: 'mx postfix/smtpd[311]',
      repeat: 1,
    });
    expect(repeated?.record?.repeat).to.equal(3);
    expect(repeated?.events.map(({ count }) => count)).to.deep.equal([3]);
    expect(none).to.include({ result: 'unread', why: 'no-time', record: null, fact: null, client: null });
  });

  it('explains a dropped connection at the line that ends it and at the line where it counts', () => {
    const lines = ['connect from', 'too many errors after RCPT from', 'disconnect from'];
    const [, drop, end] = explained(lines.map((words) => line(`${words} ${CLIENT}`)));
    expect(drop && summaryOf(drop)).to.equal('later session 192.0.2.7 too-many-errors by connection-spam');
    expect(end && summaryOf(end)).to.equal('counted 192.0.2.7 too-many-errors by connection-spam');
    expect(end?.events[0]?.ending).to.equal('too many errors after RCPT');
  });

  it('says that a session that the client ended was not dropped', () => {
    const [, end] = explained([
      line(`improper command pipelining after EHLO from ${CLIENT}: QUIT`),
      line(`disconnect from ${CLIENT} ehlo=1 quit=1 commands=2`),
    ]);
    expect(end && summaryOf(end)).to.equal('not-counted quit 192.0.2.7');
  });

  it('says that a connection dropped under stress is not counted', () => {
    const [, drop, end] = explained([
      line('warning: service "smtp" (25) has reached its process limit "100": x', 'master'),
      line(`timeout after DATA from ${CLIENT}`, 'smtpd', 101, 5),
      line(`disconnect from ${CLIENT} ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4`, 'smtpd', 101, 6),
    ]);
    expect(drop && summaryOf(drop)).to.equal('not-counted stress 192.0.2.7');
    expect(end?.events).to.deep.equal([]);
  });

  it('says that failed logins while the user database is down are not counted', () => {
    const clients = Array.from({ length: 6 }, (_, i) => `unknown[192.0.2.${i + 1}]`);
    const fail = (minute: number) =>
      clients.map((client, i) =>
        line(`warning: ${client}: SASL PLAIN authentication failed: x`, 'smtpd', 101, minute * 60 + i),
      );
    const logins = clients.map((client, i) =>
      line(
        `4F1B2A3C4D: client=${client}, sasl_method=PLAIN, sasl_username=u${i}@b.example`,
        'smtpd',
        101 + i,
        i,
      ),
    );
    const last = explained([...logins, ...fail(1), ...fail(3), ...fail(5)]).slice(-6);
    expect(last.map(({ why }) => why)).to.deep.equal(Array(6).fill('logins-failing'));
    expect(last.every(({ events }) => events.length === 0)).to.equal(true);
  });

  it('names the client of a message that cleanup rejects, from the line of its queue ID', () => {
    const [, refusal] = explained([
      line(`4F1B2A3C4D: client=${CLIENT}`),
      line('4F1B2A3C4D: reject: header X: [198.51.100.1] from a[192.0.2.7]; proto=SMTP: 5.7.1 no', 'cleanup'),
    ]);
    expect(refusal && summaryOf(refusal)).to.equal('counted 192.0.2.7 content by rejected-after-data');
    expect(refusal?.client).to.include({ address: '192.0.2.7', isNamed: false });
  });

  it('has every rule that counts an event, those that only watch too, with its limit', () => {
    const rule = 'limit: 5, within: 10m, block-for: 1h, message: No.';
    const policy = policyOf(`rules:
  all: {counts: rejected-recipient, ${rule}}
  unknown: {counts: unknown-recipient, ${rule}, enforce: false}
  others: {counts: relay-denied, ${rule}}
`);
    const [explanation] = explained(
      [
        line(
          rejected(
            '550 5.1.1 <b@b.example>: Recipient address rejected: User unknown in virtual mailbox table',
          ),
        ),
      ],
      policy,
    );
    expect(explanation?.events[0]?.rules).to.deep.equal([
      { rule: 'all', limit: 5, within: 600, enforced: true },
      { rule: 'unknown', limit: 5, within: 600, enforced: false },
    ]);
  });

  it('says what a client did well, and with which rules it is compared', () => {
    const queued = (id: string) =>
      line(`${id}: from=<a@a.example>, size=9, nrcpt=3 (queue active)`, 'qmgr', 50);
    const [, login, message, again, end] = explained([
      line(`connect from ${CLIENT}`),
      line(`4F1B2A3C4D: client=${CLIENT}, sasl_method=PLAIN, sasl_username=ann@a.example`),
      queued('4F1B2A3C4D'),
      queued('4F1B2A3C4D'),
      line(`disconnect from ${CLIENT} ehlo=1 auth=1 mail=1 rcpt=3 data=1 quit=1 commands=8`),
    ]);
    const goodOf = (explanation: Explanation | undefined) => [
      explanation?.result,
      explanation?.why,
      explanation?.client?.isNamed,
      ...(explanation?.good ?? []).map(
        ({ kind, recipients, rules }) =>
          `${kind} ${recipients} ${rules.map(({ rule, share, forgives }) => `${rule} ${share} ${forgives}`).join()}`,
      ),
    ];
    const share = ['good', 'share'];
    expect(goodOf(login)).to.deep.equal([...share, true, 'login null auth-failures 0.5 true']);
    expect(goodOf(message)).to.deep.equal([
      ...share,
      false,
      'accepted-message 3 rejected-recipients 0.1 false,rejected-after-data 0.2 false',
    ]);
    expect(again && [again.result, again.why, again.good]).to.deep.equal(['nothing', 'no-sender', []]);
    expect(goodOf(end)).to.deep.equal([...share, true, 'ended-connection null connection-spam 0.5 false']);
  });

  it('says that nothing is compared with what a client did well', () => {
    const [connect, end] = [line(`connect from ${CLIENT}`), line(`disconnect from ${CLIENT}`)];
    const last = (policy: typeof POLICY) => explained([connect, end], policy).at(-1);
    const without = policyOf(
      'rules:\n  a: {counts: rejected-recipient, limit: 5, within: 10m, block-for: 1h, message: No.}\n',
    );
    expect(last(without)).to.include({ result: 'nothing', why: 'no-share' });
    expect(last({ ...POLICY, allow: ['192.0.2.7'] })).to.include({ result: 'nothing', why: 'allowed' });
  });

  it('has the allow entry, by name or network, that covers a client', () => {
    const policy = { ...POLICY, allow: ['198.51.100.0/24', '.a.example'] };
    const failure = (client: string) => line(`warning: ${client}: SASL LOGIN authentication failed: x`);
    const allowed = explained(
      [failure(CLIENT), failure('unknown[198.51.100.9]'), failure('a.example[192.0.2.8]')],
      policy,
    ).map(({ client }) => client?.allowed);
    expect(allowed).to.deep.equal(['.a.example', '198.51.100.0/24', null]);
  });

  it('gives the events that the daemon counts, line by line, over a day of a host', () => {
    const lines = [...month(4000, { seed: 3, span: 24 * HOUR, from: START })].join('').trimEnd().split('\n');
    const reader = new LogReader();
    reader.readsGood = true;
    reader.texts.add(POLICY.rules.map(({ message }) => message));
    const recordsOf = new LineReader();
    const expected = lines.map((text) => {
      const record = recordsOf.read(logTextOf(text), START, 0, text.length);
      const events: LogEvent[] = [];
      if (typeof record !== 'string') reader.read(record, (event) => events.push(event));
      return events.flatMap((event) =>
        isAbuse(event) ? [`${event.kind} ${event.class} ${clientKey(event.address, 64, [])}`] : [],
      );
    });
    const found = explained(lines).map(({ events, client }) =>
      events.flatMap((event) =>
        Array.from(
          { length: event.count },
          () => `${event.kind} ${event.class ?? undefined} ${client?.key ?? undefined}`,
        ),
      ),
    );
    expect(found).to.deep.equal(expected);
    expect(expected.flat()).to.have.lengthOf.above(300);
  });

  it('has words for every reason', () => {
    for (const [why, words] of Object.entries(WHY)) expect(words, why).to.match(/^\S[^.\n]*[^.\s]$/);
  });
});
