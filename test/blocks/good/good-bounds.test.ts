// The bounds of good clients: what is evicted, and what an attacker, a wrong clock or a large office cannot do.

import { expect } from 'chai';
import fc from 'fast-check';
import { GoodClients } from '../../../src/blocks/good/good-clients.ts';
import { maxFurtherUsers } from '../../../src/blocks/good/good-users.ts';
import { DAY, HOUR, MINUTE } from '../../../src/values/duration.ts';
import { START } from '../blocks-fixture.ts';
import { copyOf, restored, SHIPPED, savedOf } from './good-fixture.ts';

const MESSAGES = { sort: 'messages', within: HOUR } as const;
const CONNECTIONS = { sort: 'connections', within: 10 * MINUTE } as const;
const IP = '192.0.2.1';

/** The n-th network of an attacker, and the n-th honest client. */
const network = (n: number) => `2001:db8:${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}::/64`;
const host = (n: number) => `10.${n >>> 16}.${(n >>> 8) & 255}.${n & 255}`;

describe('blocks/good/good-bounds: max-tracked', () => {
  it('never evicts a client in good standing for those that only connect, however many they are', () => {
    const good = new GoodClients(SHIPPED, 1000);
    for (let n = 0; n < 900; n++) good.accepted(host(n), START + n, 1);
    for (let n = 0; n < 50_000; n++) good.ended(network(n), START + MINUTE + n);
    expect(good.size).to.equal(1000);
    expect(good.inStanding(START + HOUR)).to.equal(900);
    for (let n = 0; n < 900; n++) expect(good.isInStanding(host(n), START + HOUR)).to.equal(true);
    expect(good.evicted).to.equal(49_900);
    // Those seen last are left.
    expect(good.count(network(49_999), CONNECTIONS, START + MINUTE + 50_000)).to.be.above(0);
    expect(good.count(network(0), CONNECTIONS, START + MINUTE + 50_000)).to.equal(0);
  });

  it('evicts those in good standing that were seen longest ago where there are no others', () => {
    const good = new GoodClients(SHIPPED, 100);
    for (let n = 0; n < 150; n++) {
      good.accepted(host(n), START + n * MINUTE, 1);
      good.accepted(host(0), START + n * MINUTE, 1);
    }
    expect(good.size).to.equal(100);
    const left = savedOf(good).map(({ key }) => key);
    expect(left).to.have.members([host(0), ...Array.from({ length: 99 }, (_, n) => host(51 + n))]);
  });

  it('counts a client that brings mail once and then connects for more than a day as one that only connects', () => {
    const good = new GoodClients(SHIPPED, 2);
    good.accepted(host(1), START, 1);
    good.accepted(host(2), START + 23 * HOUR, 1);
    good.ended(host(1), START + 25 * HOUR);
    good.accepted(host(3), START + 25 * HOUR, 1);
    expect(savedOf(good).map(({ key }) => key)).to.deep.equal([host(2), host(3)]);
  });

  it('may be lowered: those of least use go, some with each call', () => {
    const good = new GoodClients(SHIPPED, 10_000);
    for (let n = 0; n < 5000; n++) good.accepted(host(n), START + n, 1);
    for (let n = 0; n < 5000; n++) good.ended(network(n), START + n);
    good.setMaxTracked(3000);
    for (let call = 0; call < 4; call++) good.forget(START);
    expect(good.size).to.equal(3000);
    expect(good.inStanding(START + HOUR)).to.equal(3000);
  });

  it('is held at every moment by clients of any kind, and the numbers in good standing are right', () => {
    const deeds = fc.array(fc.tuple(fc.nat(2), fc.nat(30), fc.nat(30 * MINUTE)), { maxLength: 200 });
    fc.assert(
      fc.property(deeds, fc.integer({ min: 1, max: 20 }), (all, most) => {
        const good = new GoodClients(SHIPPED, most);
        let now = START;
        for (const [deed, n, after] of all) {
          now += after;
          if (deed === 0) good.accepted(host(n), now, 1);
          else if (deed === 1) good.ended(host(n), now);
          else good.loggedIn(host(n), now, n);
          expect(good.size).to.be.at.most(most);
        }
        const clients = savedOf(good);
        const within = (time: number) =>
          clients.filter(({ newest }) => now - newest * 1000 < time && newest > 0).length;
        expect(good.inStanding(now))
          .to.be.at.least(within(DAY - HOUR))
          .and.at.most(within(DAY + HOUR));
      }),
    );
  });
});

describe('blocks/good/good-bounds: users', () => {
  it('of an office are all known', () => {
    const good = new GoodClients(SHIPPED, 1000);
    for (let user = 0; user < 20; user++) good.loggedIn(IP, START + user, user);
    expect(good.users(IP, START)).to.equal(20);
    for (let user = 0; user < 20; user++) expect(good.lastLogin(IP, user)).to.equal(START + user);
  });

  it('of one client are 256 at most, those that logged in last', () => {
    const good = new GoodClients(SHIPPED, 100_000);
    for (let user = 0; user < 500; user++) good.loggedIn(IP, START + user, user);
    expect(good.users(IP, 0)).to.equal(256);
    for (let user = 0; user < 500; user++)
      expect(good.lastLogin(IP, user)).to.equal(user < 244 ? 0 : START + user);
    good.loggedIn(IP, START + 1, 1000);
    expect(good.lastLogin(IP, 1000), 'one that is read late').to.equal(0);
  });

  it('of two days ago give their places to new ones', () => {
    const good = new GoodClients(SHIPPED, 1000);
    for (let day = 0; day < 50; day++)
      for (let user = 0; user < 3; user++) good.loggedIn(IP, START + day * DAY, 10 * day + user);
    expect(good.users(IP, 0)).to.be.at.most(9);
    expect(good.users(IP, START + 49 * DAY)).to.equal(3);
  });

  it('of all clients are bounded: those of the client where one logged in longest ago go first', () => {
    const most = maxFurtherUsers(1000);
    const good = new GoodClients(SHIPPED, 1000);
    for (let n = 0; n < 100; n++)
      for (let user = 0; user < 50; user++) good.loggedIn(host(n), START + n, user);
    const users = Array.from({ length: 100 }, (_, n) => good.users(host(n), 0));
    expect(users.reduce((sum, count) => sum + count, 0)).to.equal(100 + most);
    expect(users[0], 'the one beside the counts stays').to.equal(1);
    expect(users[99]).to.equal(50);
  });

  it('are one where Postfix logged none of them, and no user is taken for none', () => {
    const good = new GoodClients(SHIPPED, 1000);
    good.loggedIn(IP, START, undefined);
    good.loggedIn(IP, START + 1, undefined);
    expect(good.users(IP, START)).to.equal(1);
    good.loggedIn(IP, START + 2, 2 ** 48 - 1);
    good.loggedIn(IP, START + 2, 5);
    expect(good.users(IP, START)).to.equal(2);
    expect(good.lastLogin(IP, 2 ** 48 - 1)).to.equal(START + 2);
  });
});

describe('blocks/good/good-bounds: a clock that was set back', () => {
  const AHEAD = START + 365 * DAY;

  it('leaves no client in good standing for a year, and no count that stands still', () => {
    const good = new GoodClients(SHIPPED, 1000);
    good.accepted(IP, AHEAD, 7);
    good.loggedIn(IP, AHEAD, 5);
    good.bringBack(IP, START);
    expect(good.count(IP, MESSAGES, START)).to.equal(0);
    expect(good.lastLogin(IP, 5)).to.equal(START);
    expect(good.isInStanding(IP, START)).to.equal(true);
    expect(good.isInStanding(IP, START + DAY)).to.equal(false);
    good.accepted(IP, START, 1);
    expect(good.count(IP, MESSAGES, START)).to.equal(1);
    expect(good.inStanding(START)).to.equal(1);
    good.forget(START + 2 * DAY);
    expect(good.size).to.equal(0);
  });

  it('by a few minutes leaves the counts', () => {
    const good = new GoodClients(SHIPPED, 1000);
    const period = Math.ceil(START / HOUR) * HOUR;
    for (const at of [period - 2, period - 1, period + 2 * MINUTE]) good.accepted(IP, at, 1);
    good.bringBack(IP, period - 1);
    expect(good.count(IP, MESSAGES, period - 1)).to.equal(2);
  });

  it('concerns only clients that were seen more than a minute ahead', () => {
    const good = new GoodClients(SHIPPED, 1000);
    good.accepted(IP, START + MINUTE, 1);
    good.accepted(host(1), AHEAD, 1);
    const before = savedOf(good);
    good.bringBack(IP, START);
    good.bringBack(host(2), START);
    good.bringBack(host(1), Number.POSITIVE_INFINITY);
    expect(savedOf(good)).to.deep.equal(before);
  });

  it('keeps nobody for ever: those that were seen ahead do not keep those behind them', () => {
    const good = new GoodClients(SHIPPED, 1000);
    good.accepted(host(0), AHEAD, 1);
    good.ended(host(1), AHEAD);
    for (let n = 2; n < 100; n++) good.accepted(host(n), START, 1);
    for (let n = 100; n < 200; n++) good.ended(host(n), START);
    good.forget(START + 2 * DAY);
    expect(savedOf(good).map(({ key }) => key)).to.have.members([host(0), host(1)]);
    expect(good.inStanding(START + 2 * DAY), 'what lies a year ahead is not believed').to.equal(0);
  });
});

describe('blocks/good/good-bounds: a reload', () => {
  const recipients = (within: number) => ({ sort: 'recipients', within }) as const;

  it('with another time takes nothing from a busy sender: the old count answers until the new one knows enough', () => {
    const good = new GoodClients([recipients(HOUR)], 1000);
    for (let minute = -120; minute < 60; minute++) good.accepted(IP, START + minute * MINUTE, 100);
    const reload = START + HOUR;
    good.adopt([recipients(2 * HOUR)], reload);
    expect(good.count(IP, recipients(2 * HOUR), reload)).to.be.closeTo(6000, 200);
    for (let minute = 0; minute < 240; minute++) {
      good.accepted(IP, reload + minute * MINUTE, 100);
      expect(good.count(IP, recipients(2 * HOUR), reload + minute * MINUTE)).to.be.at.least(5800);
    }
    const back = restored(good, [recipients(2 * HOUR)], reload + 4 * HOUR);
    for (const one of [good, back])
      expect(one.count(IP, recipients(2 * HOUR), reload + 4 * HOUR)).to.be.closeTo(12_000, 200);
  });

  it('of a policy that a restart brings does the same', () => {
    const good = new GoodClients([recipients(HOUR)], 1000);
    for (let minute = -120; minute < 60; minute++) good.accepted(IP, START + minute * MINUTE, 100);
    const back = restored(good, [recipients(2 * HOUR)], START + HOUR);
    expect(back.count(IP, recipients(2 * HOUR), START + HOUR)).to.be.closeTo(6000, 200);
  });

  it('again and again leaves no more than a few counters', () => {
    const good = new GoodClients(SHIPPED, 1000);
    for (let minutes = 1; minutes < 100; minutes++)
      good.adopt([recipients(minutes * MINUTE)], START + minutes);
    expect(good.savedCounters.length).to.be.at.most(9);
    good.forget(START + 3 * HOUR);
    expect(good.savedCounters).to.deep.equal([recipients(99 * MINUTE)]);
  });
});

describe('blocks/good/good-bounds: a walk', () => {
  /** What is done while a snapshot is written: deed, client, how many steps of the walk come before it. */
  const deeds = fc.array(fc.tuple(fc.nat(6), fc.nat(40), fc.nat(3)), { maxLength: 60 });

  it('gives each client once, as it was when the walk began, whatever is done meanwhile', () => {
    fc.assert(
      fc.property(deeds, deeds, deeds, (first, second, third) => {
        const good = new GoodClients(SHIPPED, 25);
        let now = START;
        const act = ([deed, n]: readonly number[]) => {
          now += 10 * MINUTE;
          const key = host(n ?? 0);
          if (deed === 0) good.accepted(key, now, 3);
          else if (deed === 1) good.ended(key, now);
          else if (deed === 2 || deed === 3) good.loggedIn(key, now, (n ?? 0) * (deed - 2) + now);
          else if (deed === 4) good.restart(key);
          else if (deed === 5) good.bringBack(key, START);
          else good.forget(now - 10 * HOUR);
        };
        for (const deed of first) act(deed);
        for (const later of [second, third]) {
          const before = savedOf(good);
          const given: unknown[] = [];
          const walk = good.walk((client) => given.push(copyOf(client)));
          for (const deed of later) {
            for (let i = 0; i < deed[2]; i++) walk.step(1);
            act(deed);
          }
          while (walk.step(3));
          expect(given).to.have.deep.members(before);
        }
      }),
    );
  });

  it('that is given up leaves all for the next one', () => {
    const good = new GoodClients(SHIPPED, 100);
    for (let n = 0; n < 10; n++) good.ended(host(n), START);
    const walk = good.walk(() => undefined);
    walk.step(3);
    walk.abandon();
    expect(savedOf(good)).to.have.lengthOf(10);
  });
});

describe('blocks/good/good-bounds: a restart', () => {
  it('evicts in the same order as before it', () => {
    const good = new GoodClients(SHIPPED, 100);
    for (let n = 0; n < 40; n++) {
      good.accepted(host(n), START + n * MINUTE, 1);
      good.ended(network(n), START + n * MINUTE);
    }
    const order = savedOf(good).map(({ key }) => key);
    expect(savedOf(restored(good, SHIPPED, START)).map(({ key }) => key)).to.deep.equal(order);
  });
});
