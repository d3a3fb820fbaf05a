// A day of logins at a host with 200 customers: a dead database, password guessing, an old password.

import { DAY, HOUR, MINUTE, SECOND } from '../../src/values/duration.ts';
import { Chance } from '../harness/scale.ts';
import { START } from './log.ts';

/** One attempt to log in. */
export interface Attempt {
  /** ms since 1970 */
  readonly at: number;
  readonly address: string;
  readonly user: string;
  readonly isRight: boolean;
  readonly who: 'customer' | 'guesser';
}

/** Times in ms after the beginning of the traffic, which is midnight. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Outage extends Span {
  /** of the users, those whose database is down; 1 for all */
  readonly part: number;
}

/** Mails that a customer sends in an hour: by night, in office hours, in the evening. */
const RATES = (hour: number) => (hour < 7 ? 0.03 : hour < 18 ? 1.2 : hour < 23 ? 0.4 : 0.05);

interface Customer {
  readonly user: string;
  readonly office: string;
  readonly home: string;
  /** ms between the mails of a program, which tries again each minute; undefined for a person */
  readonly every?: number;
  /** a device at home has an old password */
  readonly isForgetful: boolean;
}

/** 192.0.2.0/24 and others are too small: 10.0.0.0/8 stands for the addresses of customers. */
const addressOf = (network: number, i: number) => `10.${network}.${i >> 8}.${i & 255}`;

export class Traffic {
  readonly #chance: Chance;
  readonly #customers: readonly Customer[];
  readonly #attempts: Attempt[] = [];
  readonly #days: number;

  /** @param days of usual traffic; @param forgetful one of so many customers has a device with an old password */
  constructor({ customers = 200, days = 2, seed = 1, forgetful = 33 } = {}) {
    this.#chance = new Chance(seed);
    this.#days = days;
    this.#customers = Array.from({ length: customers }, (_, i) => {
      // Five in an office behind one address; a third of the homes have another address each day.
      const every = i % 40 === 7 ? 5 * MINUTE + i * SECOND : undefined;
      const common = {
        user: `user${i}@example.net`,
        office: addressOf(1, Math.floor(i / 5)),
        home: addressOf(2, i),
      };
      return { ...common, isForgetful: i % forgetful === 4, ...(every === undefined ? {} : { every }) };
    });
  }

  /** All attempts in order of time. */
  get attempts(): readonly Attempt[] {
    return this.#attempts.toSorted((a, b) => a.at - b.at);
  }

  /** Customers send their mail; in an outage they try again, and give up for a while. */
  usual(outages: readonly Outage[] = []): this {
    for (const [i, customer] of this.#customers.entries()) {
      const isDown = (at: number) =>
        outages.some(({ from, to, part }) => at >= from && at < to && (i * 7) % 100 < part * 100);
      if (customer.every !== undefined) this.#program(customer, customer.every, isDown);
      else this.#person(customer, i, isDown);
      if (customer.isForgetful) this.#forgetful(customer);
    }
    return this;
  }

  /** Somebody guesses: many addresses with a few tries each, at users that there are. */
  guessing({ from, to }: Span, addresses: number, triesEach: number, network = 100): this {
    for (let i = 0; i < addresses; i++) {
      const address = addressOf(network + (i >> 16), i & 0xffff);
      let at = from + this.#chance.below(to - from);
      for (let left = triesEach; left > 0; left--) {
        const user = this.#customers[this.#chance.below(this.#customers.length)]?.user ?? '';
        this.#try(at, address, user, false, 'guesser');
        at += 1000 + this.#chance.below((to - from) / triesEach);
      }
    }
    return this;
  }

  /** Somebody has stolen accounts, logs in with them from addresses of his own, and then fails from those on purpose. */
  stolen({ from, to }: Span, accounts: number, addresses: number): this {
    for (let i = 0; i < addresses; i++) {
      const address = addressOf(90, i);
      const user = this.#customers[i % accounts]?.user ?? '';
      this.#try(from - HOUR + i * SECOND, address, user, true, 'guesser');
      for (let at = from + i * SECOND; at < to; at += MINUTE) this.#try(at, address, user, false, 'guesser');
    }
    return this;
  }

  /** At the homes of some customers a program guesses, at users of all customers. */
  infected({ from, to }: Span, homes: number, triesEach: number): this {
    for (let i = 0; i < homes; i++) {
      const home = this.#customers[i * 3 + 1]?.home ?? '';
      for (let left = triesEach; left > 0; left--) {
        const user = this.#customers[this.#chance.below(this.#customers.length)]?.user ?? '';
        this.#try(from + this.#chance.below(to - from), home, user, false, 'guesser');
      }
    }
    return this;
  }

  /** The accounts of an office have new passwords, and its programs the old ones. */
  expired({ from, to }: Span, first: number, count: number, addresses: number): this {
    for (let i = 0; i < count; i++) {
      const customer = this.#customers[first + i];
      if (customer === undefined) continue;
      const address = addressOf(3, i % addresses);
      this.#try(from - 3 * HOUR, address, customer.user, true, 'customer');
      for (
        let at = from + this.#chance.below(30 * MINUTE);
        at < to;
        at += 5 * MINUTE + this.#chance.below(MINUTE)
      )
        this.#try(at, address, customer.user, false, 'customer');
    }
    return this;
  }

  #person(customer: Customer, i: number, isDown: (at: number) => boolean): void {
    const { user, office, home } = customer;
    for (let at = 0; at < this.#days * DAY; ) {
      const hour = Math.floor((at % DAY) / HOUR);
      // The time to the next mail, of a Poisson process; its rate is looked at twice an hour.
      const wait = -Math.log((this.#chance.below(1e6) + 1) / 1e6) / RATES(hour);
      if (wait > 0.5) {
        at += HOUR / 2;
        continue;
      }
      at += wait * HOUR;
      const isHome = hour < 8 || hour >= 18;
      const day = Math.floor(at / DAY);
      const address = isHome ? (i % 3 === 0 ? addressOf(4 + day, i) : home) : office;
      if (!isDown(at)) {
        if (this.#chance.below(100) === 0) this.#try(at - 5 * SECOND, address, user, false, 'customer');
        this.#try(at, address, user, true, 'customer');
        continue;
      }
      const tries = 2 + this.#chance.below(4);
      for (let left = tries; left > 0; left--, at += 20 * SECOND)
        this.#try(at, address, user, !isDown(at), 'customer');
      at += 20 * MINUTE;
    }
  }

  #program({ user, office }: Customer, every: number, isDown: (at: number) => boolean): void {
    for (let at = this.#chance.below(every); at < this.#days * DAY; ) {
      this.#try(at, office, user, !isDown(at), 'customer');
      at += isDown(at) ? MINUTE : every;
    }
  }

  #forgetful({ user, home }: Customer): void {
    for (let at = this.#chance.below(15 * MINUTE); at < this.#days * DAY; at += 15 * MINUTE)
      this.#try(at, home, user, false, 'customer');
  }

  #try(at: number, address: string, user: string, isRight: boolean, who: Attempt['who']): void {
    this.#attempts.push({ at: START + Math.floor(at), address, user, isRight, who });
  }
}
