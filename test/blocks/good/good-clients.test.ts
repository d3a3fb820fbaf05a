// What is known of good clients: the same as if every event were kept, whatever is removed, reloaded or restored meanwhile.

import { expect } from 'chai';
import fc from 'fast-check';
import { GoodClients } from '../../../src/blocks/good/good-clients.ts';
import type { GoodCounter } from '../../../src/blocks/good/good-terms.ts';
import { DAY, HOUR, MINUTE } from '../../../src/values/duration.ts';
import { START } from '../blocks-fixture.ts';
import { restored, SHIPPED } from './good-fixture.ts';
import { GoodModel } from './good-model.ts';

const OTHERS: readonly (readonly GoodCounter[])[] = [
  SHIPPED,
  [],
  [{ sort: 'recipients', within: 2 * HOUR }],
  [
    { sort: 'connections', within: 10 * MINUTE },
    { sort: 'recipients', within: 30 * MINUTE },
  ],
  [...SHIPPED, { sort: 'recipients', within: 10 * MINUTE }],
];
const KEYS = ['192.0.2.1', '192.0.2.2', '2001:db8:1:2::/64', '2001:db8::1'];
const USERS = [7, 2 ** 47 + 1, 2 ** 32];

/** What is done next: by whom, how long after (or before) what came before, in ms, and how much of it. */
type Step = readonly [deed: (typeof DEEDS)[number], key: string, after: number, number: number];
const DEEDS = ['accepted', 'accepted', 'ended', 'loggedIn', 'restart', 'forget', 'restore', 'adopt'] as const;

const steps = fc.array(
  fc.tuple(
    fc.constantFrom(...DEEDS),
    fc.constantFrom(...KEYS),
    fc.oneof(fc.integer({ min: -MINUTE, max: 20 * MINUTE }), fc.integer({ min: 0, max: 30 * HOUR })),
    fc.nat(70_000),
  ),
  { maxLength: 60 },
);

/** Both do the same. */
class Pair {
  good = new GoodClients(SHIPPED);
  readonly model = new GoodModel(SHIPPED);
  counters = SHIPPED;
  now = START;

  take([deed, key, after, number]: Step): void {
    const at = this.now + after;
    this.now = Math.max(this.now, at);
    if (deed === 'accepted') for (const one of [this.good, this.model]) one.accepted(key, at, number);
    else if (deed === 'ended') for (const one of [this.good, this.model]) one.ended(key, at);
    else if (deed === 'loggedIn')
      for (const one of [this.good, this.model]) one.loggedIn(key, at, USERS[number % 4]);
    else if (deed === 'restart') for (const one of [this.good, this.model]) one.restart(key);
    else if (deed === 'forget') this.good.forget(this.now - MINUTE);
    else if (deed === 'restore') this.good = restored(this.good, this.counters, this.now);
    else {
      this.counters = OTHERS[number % OTHERS.length] ?? [];
      for (const one of [this.good, this.model]) one.adopt(this.counters, this.now);
    }
  }

  /** Both give the same answers, a little late, now and later. */
  expectSame(): void {
    for (const at of [-MINUTE, 0, 1, 7 * MINUTE, HOUR, 23 * HOUR, DAY].map((after) => this.now + after))
      for (const key of KEYS) {
        for (const counter of this.counters)
          expect(this.good.count(key, counter, at), `${counter.sort} of ${key}`).to.be.closeTo(
            this.model.count(key, counter, at),
            1e-6,
          );
        expect(this.good.isInStanding(key, at)).to.equal(this.model.isInStanding(key, at));
        expect(this.good.users(key, at - DAY), `users of ${key}`).to.equal(this.model.users(key, at - DAY));
        for (const user of USERS) {
          const last = this.model.lastLogin(key, user);
          if (last >= at - DAY) expect(this.good.lastLogin(key, user)).to.equal(last);
        }
      }
  }
}

describe('blocks/good/good-clients: what clients did well', () => {
  it('is answered as if every event were kept, also after a reload, a restart, and when old clients were removed', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const pair = new Pair();
        for (const step of all) {
          pair.take(step);
          pair.expectSame();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is removed when nothing can ask for it any more', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const pair = new Pair();
        for (const step of all) pair.take(step);
        pair.good.forget(pair.now + 2 * DAY);
        expect(pair.good.size).to.equal(0);
        expect(pair.good.inStanding(pair.now)).to.equal(0);
      }),
    );
  });
});

describe('blocks/good/good-clients: a sliding count', () => {
  const counter = { sort: 'messages', within: HOUR } as const;
  const times = fc.array(fc.nat(3 * HOUR), { maxLength: 50 }).map((all) => all.sort((a, b) => a - b));

  function counted(all: readonly number[]): GoodClients {
    const good = new GoodClients([counter]);
    for (const time of all) good.accepted('192.0.2.1', START + time, 1);
    return good;
  }

  it('lies between what came in this period and what came in it and in the one before: less than twice its time', () => {
    fc.assert(
      fc.property(times, fc.nat(HOUR), (all, later) => {
        const at = START + (all.at(-1) ?? 0) + later;
        const since = (from: number) => all.filter((time) => START + time >= from).length;
        const period = Math.floor(at / HOUR) * HOUR;
        const count = counted(all).count('192.0.2.1', counter, at);
        expect(count).to.be.at.least(since(period));
        expect(count).to.be.at.most(since(period - HOUR));
        expect(count).to.be.at.most(since(at - 2 * HOUR));
        // What it is wrong by lies in the period before.
        const exact = since(at - HOUR + 1000);
        expect(Math.abs(count - exact)).to.be.at.most(since(period - HOUR) - since(period) + 1);
      }),
    );
  });

  it('of mail that comes evenly is right, but for two messages', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 600 }), fc.nat(3 * HOUR), (seconds, until) => {
        const all: number[] = [];
        for (let time = 0; time <= 3 * HOUR + until; time += seconds * 1000) all.push(time);
        const at = START + (all.at(-1) ?? 0);
        const exact = all.filter((time) => START + time > at - HOUR).length;
        expect(counted(all).count('192.0.2.1', counter, at)).to.be.closeTo(exact, 2);
      }),
    );
  });

  it('of a great many stays at the highest number there is', () => {
    const good = new GoodClients(SHIPPED);
    for (let i = 0; i < 5; i++) good.accepted('192.0.2.1', START, 2 ** 31);
    good.accepted('192.0.2.2', START, 65_535);
    good.accepted('192.0.2.2', START, 65_535);
    const asked = { sort: 'recipients', within: HOUR } as const;
    expect(good.count('192.0.2.1', asked, START)).to.equal(2 ** 32 - 1);
    expect(good.count('192.0.2.2', asked, START)).to.equal(131_070);
  });
});
