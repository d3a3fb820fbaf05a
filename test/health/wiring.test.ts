// The wiring of Postfix as its log shows it: whether it asks about messages, and refuses blocked clients.

import { expect } from 'chai';
import { AllowList } from '../../src/blocks/allow.ts';
import type { Refused } from '../../src/blocks/blocks.ts';
import { Troubles } from '../../src/health/troubles.ts';
import { Wiring } from '../../src/health/wiring.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { HOUR, MINUTE, SECOND } from '../../src/values/duration.ts';
import { newReader, OWN_TEXT, START } from '../maillog/log.ts';
import { parseLine } from '../maillog/parse-line.ts';

const IP = '192.0.2.1';
const CLIENT = `unknown[${IP}]`;
const NAMES = { names: ['mx1.example.net', 'mail.example.net'], isComplete: true };
const SUBMISSION = 'postfix/submission/smtpd';
const REFUSAL = `reject: RCPT from ${CLIENT}: 554 5.7.1 <${CLIENT}>: Client host rejected: ${OWN_TEXT}; proto=SMTP helo=<x>`;

/** A host whose log is read as it is written. */
class Host {
  /** `not-asked began`, and so on */
  readonly news: string[] = [];
  readonly #troubles = new Troubles((stage, { what }) => this.news.push(`${what} ${stage}`));
  readonly wiring = new Wiring(this.#troubles, START);
  readonly #reader = newReader();
  readonly #stamps = new StampReader();
  readonly #blocked = new Map<string, Refused>();
  readonly allow: string[] = [];
  now = START;
  /** ms by which the log is read late */
  late = 0;
  /** its name in the log, with a blank; empty in a log without host names */
  name = 'mx1 ';
  #pid = 100;

  constructor(names = NAMES) {
    this.wiring.know(names);
  }

  /** Lets time pass, with a look each second. */
  pass(ms: number, isAtEnd = true): this {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += SECOND;
      this.wiring.look(isAtEnd, this.now);
    }
    return this;
  }

  asks(instance = '3a1f.6741f3c2.8b2e.0'): this {
    this.wiring.asked({ instance });
    return this;
  }

  log(message: string, tag = 'postfix/smtpd', pid = this.#pid): this {
    const line = `${new Date(this.now - this.late).toISOString()} ${this.name}${tag}[${pid}]: ${message}`;
    const record = parseLine(line, this.#stamps, this.now);
    if (record === undefined) throw new Error(`no record: ${line}`);
    const fact = this.#reader.read(record, () => undefined);
    const lookup = {
      refusing: (address: string) => this.#blocked.get(address),
      terms: { allow: new AllowList(this.allow) },
      allowEntries: { covering: () => undefined },
    };
    if (fact !== undefined) this.wiring.read(record, fact, this.#reader.uncounted, lookup, this.now);
    return this;
  }

  /** Whole sessions, a second apart. @param does what the client does in each */
  sessions(count: number, does: string, tag = 'postfix/smtpd', client = CLIENT): this {
    for (let i = 0; i < count; i++) {
      const pid = ++this.#pid;
      this.pass(SECOND).log(`connect from ${client}`, tag, pid).log(does, tag, pid);
      this.log(`disconnect from ${client}`, tag, pid);
    }
    return this;
  }

  messages(count: number, tag?: string, login = ''): this {
    return this.sessions(count, `4F1B2A3C4D: client=${CLIENT}${login}`, tag);
  }

  failures(count: number, tag?: string): this {
    const reason = 'SASL LOGIN authentication failed: UGFzc3dvcmQ6';
    return this.sessions(count, `warning: ${CLIENT}: ${reason}`, tag);
  }

  block(passes?: 'authenticated'): this {
    const rule = { name: 'r', passes };
    const block = { rule: 'r', since: this.now, until: this.now + HOUR };
    this.#blocked.set(IP, { rule, block } as unknown as Refused);
    return this;
  }

  /** The names of the troubles now, with `not-` left out. */
  get troubles(): string {
    return this.#troubles.all.map(({ what }) => what.replace('not-', '')).join();
  }

  reason(): string {
    return this.#troubles.all.map(({ reason }) => reason).join();
  }
}

const LOGIN = ', sasl_method=PLAIN, sasl_username=alice';

describe('health/wiring: not-asked', () => {
  it('begins where smtpd accepts messages and nobody asks, names client and service, and ends with a request', () => {
    const host = new Host()
      .pass(5 * MINUTE)
      .messages(3)
      .pass(SECOND);
    expect(host.troubles).to.equal('asked');
    expect(host.reason()).to.contain(`postfix/smtpd accepted 3 messages or more, the last from ${IP}`);
    host.pass(HOUR).messages(3);
    expect(host.troubles, 'in an hour without mail').to.equal('asked');
    host.asks().pass(SECOND);
    expect(host.troubles).to.equal('');
    expect(host.news).to.deep.equal(['not-asked began', 'not-asked over']);
  });

  it('is not before 5 minutes have passed since the start, and then of messages from after it', () => {
    const host = new Host().messages(3).pass(4 * MINUTE);
    expect(host.troubles).to.equal('');
    host.pass(MINUTE);
    expect(host.troubles).to.equal('asked');
  });

  const well: readonly (readonly [what: string, run: (host: Host) => Host])[] = [
    ['without mail', (host) => host.pass(HOUR)],
    ['with two messages', (host) => host.messages(2).pass(HOUR)],
    [
      'with a message now and then',
      (host) => {
        for (let i = 0; i < 5; i++) host.pass(3 * MINUTE).messages(1);
        return host;
      },
    ],
    [
      'with connections that bring no message',
      (host) => host.sessions(50, `lost connection after EHLO from ${CLIENT}`),
    ],
    [
      'where Postfix asks about each message',
      (host) => {
        for (let i = 0; i < 100; i++)
          host
            .pass(5 * SECOND)
            .asks()
            .messages(1);
        return host;
      },
    ],
    [
      'where it asks about each message, after a night without',
      (host) => {
        host.asks().pass(8 * HOUR);
        for (let i = 0; i < 5; i++) host.asks().messages(1);
        return host;
      },
    ],
    [
      'where clients on the allow list bring messages',
      (host) => {
        host.allow.push('192.0.2.0/24');
        return host.messages(50);
      },
    ],
    ['where only customers who log in bring messages', (host) => host.messages(50, SUBMISSION, LOGIN)],
    [
      'of this host',
      (host) =>
        host.sessions(50, '4F1B2A3C4D: client=localhost[127.0.0.1]', undefined, 'localhost[127.0.0.1]'),
    ],
    [
      'of its own network',
      (host) => host.sessions(50, '4F1B2A3C4D: client=x[10.0.0.7]', undefined, 'x[10.0.0.7]'),
    ],
    [
      'behind a content filter',
      (host) =>
        host.sessions(50, `4F1B2A3C4D: client=${CLIENT}, orig_queue_id=3F1, orig_client=x[192.0.2.9]`),
    ],
    [
      'of which the log is read late',
      (host) => {
        host.late = 6 * MINUTE;
        return host.messages(50);
      },
    ],
    [
      'of another host',
      (host) => {
        host.name = 'mx2 ';
        return host.messages(50);
      },
    ],
    [
      'of a host that is named by its address',
      (host) => {
        host.name = '192.0.2.250 ';
        return host.messages(50);
      },
    ],
  ];
  for (const [what, run] of well)
    it(`is not ${what}`, () => {
      const host = run(new Host().pass(5 * MINUTE)).pass(SECOND);
      expect(host.news).to.deep.equal([]);
    });

  it('waits until the log has been read to its end', () => {
    const host = new Host()
      .pass(5 * MINUTE)
      .messages(3)
      .pass(10 * SECOND, false);
    expect(host.troubles).to.equal('');
    expect(host.pass(SECOND).troubles).to.equal('asked');
  });

  it('is not where one connection brings many messages, which Postfix may have asked about at its start', () => {
    const host = new Host().log(`connect from ${CLIENT}`).asks().pass(SECOND);
    for (let i = 0; i < 20; i++) host.pass(MINUTE).log(`4F1B2A3C4D: client=${CLIENT}`);
    expect(host.pass(SECOND).news).to.deep.equal([]);
  });

  it('does not end with a request of something else than smtpd', () => {
    const host = new Host()
      .pass(5 * MINUTE)
      .messages(3)
      .pass(SECOND)
      .asks('')
      .pass(MINUTE);
    expect(host.troubles).to.equal('asked');
  });

  const own: readonly (readonly [what: string, name: string, names: typeof NAMES])[] = [
    ['the name of the host, without its domain', 'mx1 ', NAMES],
    ['myhostname, which postlogd writes', 'MAIL.example.net ', NAMES],
    ['no host name', '', NAMES],
    ['localhost', 'localhost ', NAMES],
    [
      'the name of a container, where Postfix is not installed here',
      '3f9c2b7d1a55 ',
      { names: ['mx1'], isComplete: false },
    ],
  ];
  for (const [what, name, names] of own)
    it(`counts lines with ${what}`, () => {
      const host = new Host(names).pass(5 * MINUTE);
      host.name = name;
      expect(host.messages(3).pass(SECOND).troubles).to.equal('asked');
    });

  it('is not in a log of several hosts, none of which is this one', () => {
    const host = new Host({ names: ['loghost'], isComplete: false }).pass(5 * MINUTE);
    for (let i = 0; i < 50; i++) {
      host.name = `mx${i % 3} `;
      host.messages(1);
    }
    expect(host.pass(SECOND).news).to.deep.equal([]);
  });
});

describe('health/wiring: not-enforced', () => {
  /** A wired host with a client that has been blocked for two minutes. */
  const blocking = (passes?: 'authenticated') =>
    new Host()
      .pass(2 * MINUTE)
      .block(passes)
      .asks()
      .pass(2 * MINUTE);

  it('begins where smtpd accepts a message of a blocked client, and names service and client', () => {
    const host = blocking().messages(1, SUBMISSION).pass(SECOND);
    expect(host.troubles).to.equal('enforced');
    expect(host.reason()).to.match(
      /^postfix\/submission\/smtpd \(1, last 192\.0\.2\.1 at .*\) accepted messages of/,
    );
  });

  it('begins where a blocked client goes on to fail logins, and says what the service needs', () => {
    const host = blocking().failures(2, SUBMISSION).pass(SECOND);
    expect(host.troubles).to.equal('enforced');
    expect(host.reason()).to.match(
      /^postfix\/submission\/smtpd \(2, .* let blocked clients try to log in: .*delay_reject=no/,
    );
  });

  it('names each service, eight at most', () => {
    const host = blocking();
    for (let i = 0; i < 12; i++) host.messages(1, `postfix/s${i}/smtpd`);
    host.pass(SECOND);
    expect(host.reason()).to.contain('postfix/s0/smtpd').and.to.contain('postfix/s7/smtpd');
    expect(host.reason()).not.to.contain('postfix/s8/smtpd');
  });

  it('ends an hour after the last such line', () => {
    const host = blocking()
      .messages(1)
      .pass(59 * MINUTE);
    expect(host.troubles).to.equal('enforced');
    expect(host.pass(2 * MINUTE).news).to.deep.equal(['not-enforced began', 'not-enforced over']);
  });

  it('ends with a refusal by the service, if that served no blocked client for 5 minutes', () => {
    const host = blocking().messages(1).sessions(1, `NOQUEUE: ${REFUSAL}`).pass(SECOND);
    expect(host.troubles, 'a permit lets some clients pass').to.equal('enforced');
    host
      .pass(5 * MINUTE)
      .sessions(1, `NOQUEUE: ${REFUSAL}`, SUBMISSION)
      .pass(SECOND);
    expect(host.troubles, 'another service').to.equal('enforced');
    host.sessions(1, `NOQUEUE: ${REFUSAL}`).pass(SECOND);
    expect(host.troubles).to.equal('');
  });

  it('ends for logins only with a refusal in the greeting', () => {
    const host = blocking()
      .failures(1)
      .pass(5 * MINUTE)
      .sessions(1, `NOQUEUE: ${REFUSAL}`)
      .pass(SECOND);
    expect(host.troubles).to.equal('enforced');
    host.sessions(1, `NOQUEUE: ${REFUSAL.replace('RCPT', 'CONNECT')}`).pass(SECOND);
    expect(host.troubles).to.equal('');
  });

  const well: readonly (readonly [what: string, run: (host: Host) => Host])[] = [
    ['of a client that is not blocked', (host) => host.messages(5).failures(5)],
    ['within a minute of the start of the block', (host) => host.block().messages(5).failures(5)],
    [
      'in a connection from before',
      (host) => {
        host
          .log(`connect from ${CLIENT}`)
          .block()
          .pass(10 * MINUTE);
        return host
          .log(`4F1B2A3C4D: client=${CLIENT}`)
          .log(`warning: ${CLIENT}: SASL LOGIN authentication failed: x`);
      },
    ],
    [
      'of a customer who logged in, where the rule lets such clients pass',
      (host) =>
        host
          .block('authenticated')
          .pass(2 * MINUTE)
          .messages(5, SUBMISSION, LOGIN),
    ],
    [
      'of a client that is refused',
      (host) =>
        host
          .block()
          .pass(2 * MINUTE)
          .sessions(5, `NOQUEUE: ${REFUSAL}`),
    ],
    [
      'of which the log is read late',
      (host) => {
        host.block().pass(10 * MINUTE);
        host.late = 2 * MINUTE;
        return host.messages(5).failures(5);
      },
    ],
    [
      'right after the log was read late, as after the start',
      (host) => {
        host.block().pass(10 * MINUTE);
        host.late = 2 * MINUTE;
        host.messages(1);
        host.late = 0;
        return host.messages(5).failures(5);
      },
    ],
    [
      'right after the policy or the allow list was changed',
      (host) => {
        host
          .block()
          .pass(10 * MINUTE)
          .wiring.changed(host.now);
        return host.messages(5).failures(5);
      },
    ],
    [
      'by another host',
      (host) => {
        host.block().pass(10 * MINUTE).name = 'mx2 ';
        return host.messages(5).failures(5);
      },
    ],
    [
      'behind a content filter',
      (host) =>
        host
          .block()
          .pass(10 * MINUTE)
          .sessions(5, `4F1B2A3C4D: client=${CLIENT}, orig_client=x[192.0.2.9]`),
    ],
  ];
  for (const [what, run] of well)
    it(`is not ${what}`, () => {
      const host = run(new Host().pass(2 * MINUTE).asks())
        .asks()
        .pass(SECOND);
      expect(host.news).not.to.include('not-enforced began');
    });

  it('is not where the message is refused at its end', () => {
    const host = blocking().pass(SECOND).log(`connect from ${CLIENT}`).log(`4F1B2A3C4D: client=${CLIENT}`);
    host.log(`4F1B2A3C4D: ${REFUSAL.replace('RCPT', 'END-OF-MESSAGE')}`).log(`disconnect from ${CLIENT}`);
    expect(host.pass(SECOND).troubles).to.equal('');
  });

  it('is there for each message of a connection, also where a recipient was refused', () => {
    const host = blocking().pass(SECOND).log(`connect from ${CLIENT}`);
    for (let i = 0; i < 2; i++) host.log(`4F1B2A3C4D: client=${CLIENT}`).log(`4F1B2A3C4D: ${REFUSAL}`);
    expect(host.log(`disconnect from ${CLIENT}`).pass(SECOND).reason()).to.contain('postfix/smtpd (2, ');
  });

  it('is there for a customer who logged in, where the rule lets nobody pass', () => {
    expect(blocking().messages(1, SUBMISSION, LOGIN).pass(SECOND).troubles).to.equal('enforced');
  });
});
