// Monitoring of the mail log: a log that is not seen is detected, and a quiet night is not mistaken for one.

import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Finding,
  LATE,
  LONG_PATIENCE,
  LogWatch,
  MESSAGES,
  PATIENCE,
  PROCESSES,
} from '../../src/health/log-watch.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import type { LogRecord } from '../../src/maillog/syslog/record.ts';
import { HOUR, MINUTE, SECOND } from '../../src/values/duration.ts';

const START = Date.UTC(2026, 10, 23, 10);

const CONNECT = 'connect from mail.example.org[192.0.2.1]';
const GREYLISTED =
  'NOQUEUE: reject: RCPT from mail.example.org[192.0.2.1]: 450 4.2.0 <a@example.net>: Recipient address rejected: Greylisted; from=<b@example.org> to=<a@example.net> proto=ESMTP helo=<x>';

/** A host in time: what Postfix asks and logs, and a look each second. */
class Night {
  readonly #watch = new LogWatch();
  readonly #reader = new LogReader();
  readonly all: Finding[] = [];
  #now = START;
  #place = 0;
  #messages = 0;
  #last: readonly Finding[] = [];

  constructor() {
    this.step(0);
  }

  /** What the last look found. */
  get types(): string[] {
    return this.#last.map(({ type }) => type);
  }

  get seconds(): number {
    return (this.#now - START) / SECOND;
  }

  get found(): readonly Finding[] {
    return this.#last;
  }

  /** Postfix asks about new messages. */
  ask(count = 1): this {
    for (let i = 0; i < count; i++)
      this.#watch.asked({ instance: `3a1f.6741f3c2.8b2e.${(this.#messages++).toString(16)}` });
    return this;
  }

  /** Postfix asks again and again about one message, or something that is not Postfix asks. */
  askAs(instance: string, count: number): this {
    for (let i = 0; i < count; i++) this.#watch.asked({ instance });
    return this;
  }

  /** Reads a line. @param behind ms by which its stamp is behind the clock */
  log(
    message = CONNECT,
    { program = 'smtpd' as LogRecord['program'], pid = 101, behind = 0, source = 'mail.log' } = {},
  ): this {
    const at = this.#now - behind;
    const record: LogRecord = { at, program, process: `mx postfix/${program}[${pid}`, message };
    const fact = this.#reader.read(record, () => undefined);
    this.#watch.read(record, fact, at, source);
    return this.other();
  }

  /** A line of another program is passed over: the place moves, and nothing more. */
  other(): this {
    this.#place++;
    return this;
  }

  /** Seconds pass; each time `each` is done first. */
  pass(ms: number, each: (night: this) => unknown = () => undefined): this {
    for (let passed = 0; passed < ms; passed += SECOND) {
      each(this);
      this.step(SECOND);
    }
    return this;
  }

  /** One look after the clock has moved by `ms`. */
  step(ms: number): this {
    this.#now += ms;
    this.#last = this.#watch.look(this.#now, String(this.#place));
    this.all.push(...this.#last);
    return this;
  }
}

describe('health/log-watch: a silent log', () => {
  it(`is detected when Postfix asked about ${MESSAGES} messages and a minute has passed`, () => {
    const night = new Night().pass(MINUTE, (host) => host.log());
    night.ask(MESSAGES).pass(PATIENCE - SECOND);
    expect(night.types).to.deep.equal([]);
    expect(night.step(SECOND).types).to.deep.equal(['silent']);
    expect(night.found[0]).to.include({ ms: PATIENCE, moved: false });
  });

  it('is distinguished from one that has lines, but none of smtpd: another log than Postfix writes', () => {
    const night = new Night().pass(2 * MINUTE, (host) => host.ask().other());
    expect(night.found).to.deep.include({ type: 'silent', ms: 2 * MINUTE, moved: true });
  });

  it('is detected although cleanup, postscreen and master are still to be read', () => {
    const night = new Night().pass(2 * MINUTE, (host) => {
      host.ask().log('PASS OLD [192.0.2.1]:4711', { program: 'postscreen' });
      host
        .log('4F1B2A3C4D: message-id=<x@example.org>', { program: 'cleanup' })
        .log('reload', { program: 'master' });
    });
    expect(night.types).to.deep.equal(['silent']);
  });

  it('is detected although the clock was set back meanwhile', () => {
    const night = new Night()
      .ask(MESSAGES)
      .pass(PATIENCE / 2)
      .step(-24 * HOUR)
      .pass(PATIENCE / 2);
    expect(night.types).to.deep.equal(['silent']);
  });

  it('stays detected when Postfix asks no more, until a line of smtpd is read', () => {
    const night = new Night().ask(MESSAGES).pass(8 * HOUR);
    expect(night.types).to.deep.equal(['silent']);
    expect(night.log().step(SECOND).types).to.deep.equal([]);
    expect(night.pass(HOUR).types).to.deep.equal([]);
  });

  const innocent: readonly (readonly [what: string, night: (night: Night) => Night])[] = [
    ['a quiet night without mail', (night) => night.log().pass(10 * HOUR)],
    ['the time after a start, when nothing has been read yet', (night) => night.pass(10 * HOUR)],
    [
      'a message now and then, each with its lines',
      (night) => night.pass(20 * HOUR, (host) => host.seconds % 1000 === 0 && host.ask().log()),
    ],
    ['a busy hour', (night) => night.pass(HOUR, (host) => host.ask(200).log().log())],
    [
      'health checks that ask by themselves, without an instance',
      (night) => night.pass(HOUR, (host) => host.askAs('', 10)),
    ],
    [
      'health checks with an instance of their own',
      (night) => night.pass(HOUR, (host) => host.askAs('1', 10)),
    ],
    [
      'one message to a thousand recipients, still being sent',
      (night) => night.askAs('1.2.3.4', 1000).pass(HOUR),
    ],
    [
      'a few messages that were on their way when the log was rotated and never logged',
      (night) =>
        night
          .ask(MESSAGES - 1)
          .askAs('', 5)
          .pass(10 * HOUR),
    ],
    [
      'a syslog daemon that is started again, and holds its lines for 50 seconds',
      (night) =>
        night
          .pass(50 * SECOND, (host) => host.ask(20))
          .log()
          .pass(MINUTE, (host) => host.log()),
    ],
    [
      'postscreen in front, with clients of which few are handed on',
      (night) =>
        night.pass(HOUR, (host) =>
          host.log('CONNECT from [192.0.2.9]:4711 to [192.0.2.25]:25', { program: 'postscreen' }),
        ),
    ],
    [
      'requests on which a clock steps by an hour',
      (night) => night.ask(200).step(HOUR).step(SECOND).log().step(SECOND),
    ],
    [
      'a machine that slept with requests in hand',
      (night) =>
        night
          .ask(200)
          .step(9 * HOUR)
          .log()
          .step(SECOND),
    ],
    [
      'a clock that steps back to 1970 and on again',
      (night) => night.ask(200).step(-START).step(START).log().step(SECOND),
    ],
  ];
  for (const [what, happens] of innocent) {
    it(`is not ${what}`, () => {
      expect(happens(new Night()).all.filter(({ type }) => type !== 'late')).to.deep.equal([]);
    });
  }

  it(`is never reported while every message is logged within ${PATIENCE / SECOND} seconds, whatever comes when`, () => {
    const step = fc.record({ messages: fc.nat(30), ms: fc.integer({ min: -5000, max: 15_000 }) });
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 40 }), (rounds) => {
        const night = new Night();
        for (const round of rounds) {
          // Steps of at most 15 s, four at most: less than a minute until the next line.
          for (const { messages, ms } of round.slice(0, 3)) night.ask(messages).step(ms);
          night.log();
        }
        expect(night.all.filter(({ type }) => type === 'silent')).to.deep.equal([]);
      }),
    );
  });
});

describe('health/log-watch: lines that are not understood', () => {
  /** smtpd logs from many processes, in words that no Postfix has. */
  function strange(night: Night, processes = PROCESSES): void {
    night.ask();
    for (let pid = 0; pid < processes; pid++) night.log('client [192.0.2.1] connected', { pid });
  }

  it(`are detected after ${LONG_PATIENCE / MINUTE} minutes, when ${PROCESSES} processes have logged nothing else`, () => {
    const night = new Night().log().pass(LONG_PATIENCE - SECOND, strange);
    expect(night.types).to.deep.equal([]);
    strange(night);
    expect(night.step(SECOND).types).to.deep.equal(['not-understood']);
    expect(night.log().step(SECOND).types).to.deep.equal([]);
  });

  it('are not one client that sends all night and is greylisted', () => {
    expect(new Night().log().pass(8 * HOUR, (host) => host.ask().log(GREYLISTED)).all).to.deep.equal([]);
  });

  it('are not distinguished from warnings where Postfix has asked about few messages', () => {
    const night = new Night().ask(MESSAGES - 1).pass(HOUR, (host) => {
      for (let pid = 0; pid < 20; pid++) host.log('warning: dict_nis_init: NIS domain name not set', { pid });
    });
    expect(night.all).to.deep.equal([]);
  });

  it('are not warnings among what is understood', () => {
    const warning = 'warning: hostname a.example.org does not resolve to address 192.0.2.1';
    const night = new Night().pass(HOUR, (host) => {
      for (let pid = 0; pid < 20; pid++) host.ask().log(warning, { pid });
      host.log();
    });
    expect(night.all).to.deep.equal([]);
  });

  it('are not what verbose smtpd processes log while Postfix asks nothing', () => {
    const night = new Night().pass(HOUR, (host) => {
      for (let pid = 0; pid < 20; pid++) host.log('> mail.example.org[192.0.2.1]: 250 2.1.0 Ok', { pid });
    });
    expect(night.all).to.deep.equal([]);
  });
});

describe('health/log-watch: lines that are late', () => {
  it('are detected after a minute, with how far they are behind', () => {
    const night = new Night().pass(2 * MINUTE, (host) => host.log(CONNECT, { behind: 2 * HOUR }));
    expect(night.types).to.deep.equal(['late']);
    expect(night.found[0]?.ms).to.be.within(2 * HOUR, 2 * HOUR + 2 * SECOND);
    expect(night.log().step(SECOND).types).to.deep.equal([]);
  });

  it('are detected beside a log that is in time', () => {
    const night = new Night().pass(2 * MINUTE, (host) => {
      host.log(CONNECT, { behind: 2 * HOUR, source: 'other.log' }).log();
    });
    expect(night.found.map((one) => one.type === 'late' && one.source)).to.deep.equal(['other.log']);
  });

  it('are detected ahead of the clock too', () => {
    const night = new Night().pass(2 * MINUTE, (host) => host.log(CONNECT, { behind: -HOUR }));
    expect(night.found[0]?.ms).to.be.below(-LATE);
  });

  it('are detected when reading falls behind further and further', () => {
    let behind = 0;
    const night = new Night().pass(10 * MINUTE, (host) => {
      behind += SECOND / 2;
      host.log(CONNECT, { behind });
    });
    expect(night.types).to.deep.equal(['late']);
  });

  const innocent: readonly (readonly [what: string, night: (night: Night) => Night])[] = [
    [
      'those of a day that are read after a start, an hour of them in a second',
      (night) => {
        let behind = 24 * HOUR;
        return night.pass(MINUTE, (host) => {
          if (behind > 0) behind -= HOUR;
          host.log(CONNECT, { behind });
        });
      },
    ],
    [
      'those of a start that gains a minute in a minute, for an hour',
      (night) => {
        let behind = HOUR;
        return night.pass(HOUR, (host) => {
          behind -= SECOND;
          host.log(CONNECT, { behind });
        });
      },
    ],
    ['one that was held back', (night) => night.log(CONNECT, { behind: HOUR }).pass(HOUR)],
    [
      'two that were held back',
      (night) => night.log(CONNECT, { behind: HOUR }).pass(HOUR).log(CONNECT, { behind: HOUR }).pass(HOUR),
    ],
    [
      'those of one host of two that send their logs here',
      (night) => night.pass(HOUR, (host) => host.log(CONNECT, { behind: HOUR }).log()),
    ],
    ['none at all', (night) => night.log().pass(HOUR)],
    [
      'those before and after a step of the clock',
      (night) =>
        night
          .log()
          .step(HOUR)
          .log()
          .pass(HOUR, (host) => host.log()),
    ],
  ];
  for (const [what, happens] of innocent) {
    it(`are not ${what}`, () => {
      expect(happens(new Night()).all.filter(({ type }) => type === 'late')).to.deep.equal([]);
    });
  }
});
