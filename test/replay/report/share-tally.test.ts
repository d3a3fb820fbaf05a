// The clients of a rule by their abuse and by what they did well: what the chart of shares shows.

import { expect } from 'chai';
import fc from 'fast-check';
import { GoodClients } from '../../../src/blocks/good/good-clients.ts';
import { RuleSet } from '../../../src/blocks/rules.ts';
import { ShareTally, type SortedRule } from '../../../src/replay/report/share-tally.ts';
import { SteppedCount } from '../../../src/replay/report/stepped-count.ts';
import { DAY, HOUR, MINUTE } from '../../../src/values/duration.ts';
import { AUTH, START } from '../../blocks/blocks-fixture.ts';
import { scaled } from '../../harness/scale.ts';

const WITHIN = HOUR;
const COUNTER = { sort: 'recipients', within: WITHIN } as const;

function ruleOf(counts: 'rejected-recipient' | 'auth-failure', limit = 10, share = 0.1): SortedRule {
  const [rule] = new RuleSet([{ ...AUTH, counts: [counts], within: WITHIN, limit, share }]).rules;
  if (rule?.sort === undefined) throw new Error('no sort');
  return { ...rule, sort: rule.sort };
}

function spreadOf(tally: ShareTally) {
  return tally.spread((ip) => (ip === '192.0.2.50' ? 'mx.big.example' : undefined));
}

describe('replay/report/share-tally', () => {
  it('never counts more than lie within the time, and misses only what lies in one tenth of it', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: WITHIN / 3 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, (steps) => {
        const count = new SteppedCount();
        const times: number[] = [];
        let at = START;
        for (const gap of steps) {
          at += gap;
          times.push(at);
          const step = Math.floor((at * 10) / WITHIN);
          count.add(step);
          const within = (time: number) => times.filter((each) => each > at - time).length;
          expect(count.until(step)).to.be.within(within(0.9 * WITHIN), within(WITHIN));
        }
      }),
      { numRuns: scaled(300) },
    );
  });

  it('shows a client in its busiest time, with what it did well then', () => {
    const good = new GoodClients([COUNTER]);
    const tally = new ShareTally(ruleOf('rejected-recipient'), good);
    const hour = (from: number, bad: number, mails: number) => {
      for (let i = 0; i < mails; i++) good.accepted('192.0.2.50', from + i * 1000, 2);
      for (let i = 0; i < bad; i++) tally.abuse('192.0.2.50', from + mails * 1000 + i * 1000, undefined);
    };
    hour(START, 5, 1000);
    hour(START + DAY, 12, 600);
    hour(START + 2 * DAY, 3, 0);
    const { outstanding, points, clients } = spreadOf(tally);
    expect(outstanding).to.deep.equal([
      { ip: '192.0.2.50', name: 'mx.big.example', events: 12, bad: 12, good: 1200, isBlocked: false },
    ]);
    expect(points).to.deep.equal([{ events: 12, part: 0.009901, clients: 1, isBlocked: false }]);
    expect(clients).to.equal(1);
  });

  it('compares users that failed with users that logged in, and forgives those that do', () => {
    const good = new GoodClients([]);
    const tally = new ShareTally(ruleOf('auth-failure'), good);
    const login = (user: number, at: number) => {
      good.loggedIn('192.0.2.7', at, user);
      tally.login('192.0.2.7', user);
    };
    for (let user = 1; user <= 9; user++) login(user, START);
    // The stale device of user 20 and of user 9, a failure without a user, and user 21, who remembers the password.
    for (let i = 0; i < 8; i++) tally.abuse('192.0.2.7', START + MINUTE + i, 20);
    tally.abuse('192.0.2.7', START + MINUTE + 10, 9);
    tally.abuse('192.0.2.7', START + MINUTE + 20, 21);
    login(21, START + MINUTE + 30);
    tally.abuse('192.0.2.7', START + MINUTE + 40, undefined);
    expect(spreadOf(tally).outstanding[0]).to.include({ events: 11, bad: 2, good: 10 });
  });

  it('takes each further user of a client for one of its own', () => {
    const tally = new ShareTally(ruleOf('auth-failure'), new GoodClients([]));
    for (let user = 1; user <= 300; user++) {
      tally.abuse('192.0.2.1', START + user, user);
      tally.abuse('192.0.2.1', START + user, user);
    }
    const [guesser] = spreadOf(tally).outstanding;
    expect(guesser?.bad).to.be.within(300, 600);
  });

  it('shows that a client reached the limit wherever the rule says so', () => {
    const tally = new ShareTally(ruleOf('rejected-recipient', 100), new GoodClients([COUNTER]));
    // One in each 36 seconds: the steps miss some.
    for (let i = 0; i < 100; i++) tally.abuse('192.0.2.1', START + i * 36_000, undefined);
    tally.reach('192.0.2.1', true);
    tally.reach('192.0.2.2', true);
    expect(spreadOf(tally).points).to.deep.equal([{ events: 100, part: 1, clients: 1, isBlocked: true }]);
  });

  it('has a bounded number of points, none across the limit or the share, for any number of clients', () => {
    const good = new GoodClients([COUNTER]);
    const rule = ruleOf('rejected-recipient', 7, 0.3);
    const tally = new ShareTally(rule, good, 500);
    const number = 3000;
    for (let i = 0; i < number; i++) {
      const ip = `10.0.${i >> 8}.${i & 255}`;
      if (i % 4 > 0) good.accepted(ip, START, i % 4);
      for (let j = 0; j <= (i * 7) % 12; j++) tally.abuse(ip, START + j, undefined);
    }
    const { points, clients, outstanding } = spreadOf(tally);
    expect(clients).to.equal(number);
    expect(points.reduce((sum, point) => sum + point.clients, 0)).to.equal(number);
    expect(points.length).to.be.below(200);
    // Twelve times four different figures; those of each side of the lines add up.
    const sides = (isIn: (events: number, part: number) => boolean) =>
      points.reduce((sum, { events, part, clients }) => sum + (isIn(events, part) ? clients : 0), 0);
    const figures = Array.from({ length: number }, (_, i) => {
      const events = 1 + ((i * 7) % 12);
      return { events, part: events / (events + (i % 4)) };
    });
    for (const isIn of [
      (events: number, part: number) => events >= 7 && part >= 0.3,
      (events: number, part: number) => events < 7 && part < 0.3,
    ])
      expect(sides(isIn)).to.equal(figures.filter(({ events, part }) => isIn(events, part)).length);
    expect(outstanding.length).to.be.at.most(10);
  });
});
