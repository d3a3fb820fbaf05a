// Logins that fail because a database is down are not counted; wrong passwords count, from however many clients.

import { expect } from 'chai';
import { FAILING, MAX_CLIENTS } from '../../src/maillog/host-logins.ts';
import { Logins } from '../../src/maillog/logins.ts';
import type { LogRecord } from '../../src/maillog/syslog/record.ts';
import { DAY, HOUR, MINUTE } from '../../src/values/duration.ts';
import { Chance } from '../harness/scale.ts';
import { START } from './log.ts';
import { type Attempt, Traffic } from './login-traffic.ts';

/** The shipped rule. */
const LIMIT = 30;

/** A line of smtpd; since Postfix 3.9 that of a failure has the user. */
function lineOf({ at, user }: Pick<Attempt, 'at' | 'user'>, isNamed = true, host = 'mx'): LogRecord {
  const userPart = isNamed ? `, sasl_username=${user}` : '';
  const message = `warning: x[192.0.2.1]: SASL PLAIN authentication failed: (reason unavailable)${userPart}`;
  return { at, program: 'smtpd', process: `${host} postfix/smtpd[1`, message };
}

interface Outcome {
  /** ms after the beginning of the traffic: when logins were found to fail, and to work again */
  readonly turns: readonly (readonly [from: number, to: number | undefined])[];
  readonly spared: { customer: number; guesser: number };
  /** addresses that the shipped rule blocks */
  readonly blocked: { customer: Set<string>; guesser: Set<string> };
}

/** Lets logins be judged, and counts what is not spared as the shipped rule does. */
function judged(attempts: readonly Attempt[], { isNamed = true, isOff = false, restarts = 0 } = {}): Outcome {
  let logins = new Logins();
  const chance = new Chance();
  const turns: [number, number | undefined][] = [];
  const spared = { customer: 0, guesser: 0 };
  const blocked = { customer: new Set<string>(), guesser: new Set<string>() };
  const counts = new Map<string, number[]>();
  for (const attempt of attempts) {
    const { at, address, user, who, isRight } = attempt;
    if (isRight) logins.succeeded(lineOf(attempt), address, user);
    else if (logins.spares(lineOf(attempt, isNamed), address) && !isOff) spared[who]++;
    else if (!blocked[who].has(address)) {
      const recent = [...(counts.get(address) ?? []).filter((time) => at - time < HOUR), at];
      counts.set(address, recent);
      if (recent.length >= LIMIT) blocked[who].add(address);
    }
    const isFailing = logins.failing.length > 0;
    const last = turns.at(-1);
    if (isFailing && (last === undefined || last[1] !== undefined)) turns.push([at - START, undefined]);
    else if (!isFailing && last !== undefined) last[1] ??= at - START;
    if (chance.below(attempts.length) < restarts) {
      const state = JSON.parse(JSON.stringify(logins.state));
      logins = new Logins();
      logins.restore(state);
    }
  }
  return { turns, spared, blocked };
}

const day = (from: number, to: number) => ({ from: DAY + from * HOUR, to: DAY + to * HOUR });
const FORMS = [
  ['that tells users', true],
  ['that tells no users', false],
] as const;

for (const [log, isNamed] of FORMS) {
  describe(`maillog/logins: by a log ${log}: a dead database`, () => {
    const outages: readonly (readonly [
      what: string,
      customers: number,
      from: number,
      to: number,
      part: number,
    ])[] = [
      ['for three hours of a working day', 200, 10, 13, 1],
      ['for 40 minutes', 200, 10, 10.7, 1],
      ['for an hour in the evening', 200, 20, 21, 1],
      ['for four hours of the night', 200, 1, 5, 1],
      ['of half of the users', 200, 10, 13, 0.5],
      ['at a host with 2,000 customers', 2000, 10, 13, 1],
      ['at a host with 20 customers', 20, 10, 13, 1],
    ];
    for (const [what, customers, from, to, part] of outages) {
      it(`${what} blocks no customer, and is detected soon, once, and over soon`, () => {
        const span = day(from, to);
        const { attempts } = new Traffic({ customers, days: 2 }).usual([{ ...span, part }]);
        expect(judged(attempts, { isOff: true }).blocked.customer, 'if it were not found').not.to.be.empty;
        const { turns, blocked, spared } = judged(attempts, { isNamed });
        expect([...blocked.customer]).to.deep.equal([]);
        const [first, ...others] = turns.filter(([, over]) => over === undefined || over - DAY > from * HOUR);
        expect(first?.[0]).to.be.within(span.from, span.from + 20 * MINUTE);
        expect(others.at(-1)?.[1] ?? first?.[1]).to.be.within(span.to - 5 * MINUTE, span.to + 20 * MINUTE);
        expect(spared.customer).to.be.above(0);
      });
    }

    it('that comes and goes is found each time', () => {
      const times = [8, 10, 12, 14, 16].map((hour) => ({ ...day(hour, hour + 0.5), part: 1 }));
      const { turns, blocked } = judged(new Traffic({ days: 2 }).usual(times).attempts, { isNamed });
      expect(turns).to.have.length(5);
      expect(blocked.customer.size).to.equal(0);
    });
  });

  describe(`maillog/logins: by a log ${log}: no dead database`, () => {
    const innocent: readonly (readonly [what: string, traffic: () => Traffic])[] = [
      ['five usual days, with slips and old passwords', () => new Traffic({ days: 5 }).usual()],
      [
        'three usual days with an old password in every fourth home',
        () => new Traffic({ days: 3, forgetful: 4 }).usual(),
      ],
      ['five usual days of 20 customers', () => new Traffic({ customers: 20, days: 5 }).usual()],
      ['two usual days of 2,000 customers', () => new Traffic({ customers: 2000, days: 2 }).usual()],
      ['5,000 addresses that guess by day', () => new Traffic().usual().guessing(day(10, 12), 5000, 3)],
      ['5,000 addresses that guess by night', () => new Traffic().usual().guessing(day(2, 4), 5000, 3)],
      [
        '5,000 addresses that guess at a host of 20 customers by night',
        () => new Traffic({ customers: 20 }).usual().guessing(day(2, 4), 5000, 3),
      ],
      [
        'programs that guess at the homes of 20 customers of 2,000',
        () => new Traffic({ customers: 2000 }).usual().infected(day(10, 12), 20, 100),
      ],
      ['the same by night', () => new Traffic({ customers: 2000 }).usual().infected(day(2, 4), 20, 100)],
      [
        'an office of 30 with new passwords, and the old ones in its programs',
        () => new Traffic().usual().expired(day(9, 17), 40, 30, 1),
      ],
      [
        'an office of 30 with new passwords at four addresses',
        () => new Traffic().usual().expired(day(9, 17), 40, 30, 4),
      ],
      [
        'three stolen accounts, used and then failed from 50 addresses by night',
        () => new Traffic().usual().stolen(day(2, 4), FAILING - 1, 50),
      ],
    ];
    for (const [what, traffic] of innocent) {
      it(`is ${what}: every failure counts`, () => {
        const { turns, spared } = judged(traffic().attempts, { isNamed });
        expect(turns).to.deep.equal([]);
        expect(spared).to.deep.equal({ customer: 0, guesser: 0 });
      });
    }

    it('spares six stolen accounts by day for minutes, not for as long as an attacker likes', () => {
      const { attempts } = new Traffic().usual().stolen(day(10, 16), 6, 50).guessing(day(10, 16), 200, 300);
      const { turns, blocked } = judged(attempts, { isNamed });
      const spared = turns.reduce((sum, [from, to = Number.POSITIVE_INFINITY]) => sum + to - from, 0);
      expect(spared).to.be.below(15 * MINUTE);
      expect(blocked.guesser.size).to.be.above(240);
    });
  });
}

describe('maillog/logins: users that the log tells', () => {
  it('are not trusted where programs at their addresses guess: many failures there are no dead database', () => {
    const { attempts } = new Traffic().usual().infected(day(2, 4), 12, 100);
    expect(judged(attempts).turns).to.deep.equal([]);
  });
});

describe('maillog/logins: its state', () => {
  it('gives the same as judging without a break, wherever a snapshot is taken', () => {
    const { attempts } = new Traffic().usual([{ ...day(10, 12), part: 1 }]).guessing(day(9, 14), 500, 10);
    const whole = judged(attempts);
    expect(judged(attempts, { restarts: 60 })).to.deep.equal(whole);
    expect(whole.spared.customer).to.be.above(0);
  });

  it('keeps a bounded number of clients, of eight hosts', () => {
    const logins = new Logins();
    for (let i = 0; i < 3 * MAX_CLIENTS; i++)
      logins.succeeded(lineOf({ at: START + i, user: '' }), `10.0.${i >> 8}.${i & 255}`, `user${i}`);
    expect(logins.state[0]?.[1].known.length).to.equal(MAX_CLIENTS);
    for (let i = 0; i < 20; i++)
      logins.succeeded(lineOf({ at: START, user: '' }, true, `mx${i}`), '192.0.2.1', 'user');
    expect(logins.state.map(([host]) => host)).to.deep.equal(
      Array.from({ length: 8 }, (_, i) => `mx${i + 12}`),
    );
  });

  it('keeps no name of a user', () => {
    const logins = new Logins();
    logins.succeeded(lineOf({ at: START, user: '' }), '192.0.2.1', 'alice@example.net');
    expect(JSON.stringify(logins.state)).not.to.include('alice');
  });

  it('that is damaged is no state', () => {
    for (const state of [
      null,
      7,
      {},
      [7],
      [['mx']],
      [['mx', { known: [7, ['a'], ['b', 1, 2], ['c', [1], ['x']]] }]],
    ]) {
      const logins = new Logins();
      logins.restore(state);
      expect(
        logins.state.flatMap(([, { known }]) => known),
        JSON.stringify(state),
      ).to.deep.equal([]);
      expect(logins.failing).to.deep.equal([]);
    }
  });

  it('of one host does not concern another', () => {
    const logins = new Logins();
    for (const host of ['mx1', 'mx2'])
      for (let i = 0; i < FAILING; i++)
        logins.succeeded(lineOf({ at: START, user: '' }, true, host), `192.0.2.${i}`, `user${i}@example.net`);
    const fails = (host: string, minute: number) =>
      Array.from({ length: FAILING }, (_, i) => {
        const line = lineOf({ at: START + minute * MINUTE, user: `user${i}@example.net` }, true, host);
        return logins.spares(line, `192.0.2.${i}`);
      });
    fails('mx1', 10);
    expect(fails('mx1', 12)).to.include(true);
    expect(logins.failing.map(([host]) => host)).to.deep.equal(['mx1']);
    expect(fails('mx2', 12)).not.to.include(true);
  });
});
