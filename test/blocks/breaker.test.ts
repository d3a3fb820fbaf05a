// The breaker among the blocks: a fault of our own blocks a few customers and no more, and abusers all the same.

import { expect } from 'chai';
import { Blocks } from '../../src/blocks/blocks.ts';
import type { BreakerChanged, Change, ClientSpared } from '../../src/blocks/changes.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, eventOf, type Policy, START, termsOf } from './blocks-fixture.ts';

const BREAKER = { clients: 5, share: 0.01, within: 10 * MINUTE };
const HAND = { by: 'alice', why: 'the database is back' };
const CUSTOMERS = Array.from({ length: 200 }, (_, i) => `192.0.2.${i}`);
const ABUSERS = Array.from({ length: 50 }, (_, i) => `198.51.100.${i}`);

/** A host with 200 customers that have all logged in at START. */
class Customers {
  readonly changes: Change[] = [];
  readonly blocks: Blocks;

  constructor(policy: Policy = {}) {
    this.blocks = new Blocks(termsOf({ breaker: BREAKER, ...policy }), (change) => this.changes.push(change));
    for (const [user, address] of CUSTOMERS.entries())
      this.blocks.take({ kind: 'login', address, at: START, user });
  }

  /** Each client fails at each of the times, in ms after START. */
  fail(clients: readonly string[], ...times: readonly number[]): this {
    for (const time of times) for (const address of clients) this.blocks.take(eventOf(address, time));
    return this;
  }

  /** The clients that are refused `time` ms after START. */
  refused(time: number): readonly string[] {
    return [...CUSTOMERS, ...ABUSERS].filter(
      (client) => this.blocks.refusing(client, () => undefined, START + time) !== undefined,
    );
  }

  get turns(): readonly BreakerChanged[] {
    return this.changes.filter((change) => change.type === 'breaker');
  }

  get spared(): readonly ClientSpared[] {
    return this.changes.filter((change) => change.type === 'spared');
  }
}

describe('blocks/breaker: a dead user database with 200 customers', () => {
  it('trips the breaker before a sixth customer is blocked; abusers of the same minutes are blocked', () => {
    const host = new Customers();
    for (let i = 0; i < 3; i++) host.fail([...ABUSERS, ...CUSTOMERS], HOUR + i * MINUTE);
    expect(host.refused(HOUR + 3 * MINUTE)).to.have.members([...CUSTOMERS.slice(0, 5), ...ABUSERS]);
    expect(host.turns).to.have.lengthOf(1);
    expect(host.turns[0]).to.deep.include({ state: 'open', ip: CUSTOMERS[5], blocked: 6, standing: 200 });
    expect(host.blocks.breaker.opening).to.deep.include({ ip: CUSTOMERS[5] });
    expect(host.spared.map(({ ip }) => ip)).to.deep.equal(CUSTOMERS.slice(5));
    expect(host.spared.every(({ reason }) => reason === 'breaker')).to.equal(true);
  });

  it('marks the blocks of customers in the audit trail', () => {
    const host = new Customers().fail([...ABUSERS, ...CUSTOMERS], HOUR, HOUR, HOUR);
    const marked = host.changes.filter((change) => change.type === 'block' && change.inStanding);
    expect(marked.map(({ ip }) => ip)).to.deep.equal(CUSTOMERS.slice(0, 5));
  });

  it('spares nobody without a breaker', () => {
    const host = new Customers({ breaker: undefined }).fail(CUSTOMERS, HOUR, HOUR, HOUR);
    expect(host.refused(HOUR)).to.deep.equal(CUSTOMERS);
    expect(host.turns).to.deep.equal([]);
  });

  it('blocks a customer that goes on failing after somebody resumed, and trips again with the sixth', () => {
    const host = new Customers().fail(CUSTOMERS, HOUR, HOUR, HOUR);
    expect(host.blocks.resume(START + HOUR + MINUTE, HAND)).to.equal(true);
    expect(host.turns[1]).to.deep.include({ state: 'closed', reason: 'resumed', at: START + HOUR + MINUTE });
    expect(host.turns[1]?.hand).to.deep.equal(HAND);
    expect(host.refused(HOUR + MINUTE), 'nobody by that alone').to.have.lengthOf(5);
    host.fail(CUSTOMERS.slice(5, 15), HOUR + 2 * MINUTE);
    expect(host.refused(HOUR + 2 * MINUTE)).to.deep.equal(CUSTOMERS.slice(0, 10));
    expect(host.turns).to.have.lengthOf(3);
    expect(host.blocks.resume(START + 3 * HOUR, HAND)).to.equal(true);
    expect(host.blocks.resume(START + 3 * HOUR, HAND)).to.equal(false);
  });

  it('closes an hour after the last one had to be spared, by the time of the log', () => {
    const host = new Customers().fail(CUSTOMERS, HOUR, HOUR, HOUR);
    host.blocks.expire(START + 5 * HOUR, START + 2 * HOUR - 1);
    expect(host.blocks.breaker.opening).to.not.equal(undefined);
    host.blocks.expire(START + 5 * HOUR, START + 2 * HOUR + MINUTE);
    expect(host.turns.at(-1)).to.deep.include({ state: 'closed', reason: 'expired', at: START + 2 * HOUR });
  });

  it('stays open for a line that comes a little late, whenever ends are noticed', () => {
    for (const isNoticed of [true, false]) {
      const host = new Customers().fail(CUSTOMERS, HOUR, HOUR, HOUR);
      if (isNoticed) host.blocks.expire(START + 2 * HOUR + MINUTE - 1);
      host.fail(CUSTOMERS.slice(-1), 2 * HOUR - 3, 2 * HOUR - 2, 2 * HOUR - 1);
      host.blocks.expire(START + 3 * HOUR);
      expect(host.blocks.breaker.opening, String(isNoticed)).to.not.equal(undefined);
    }
  });

  it('spares customers that cannot log in for days, and nobody who comes anew', () => {
    const host = new Customers();
    for (let i = 1; i < 60; i++) {
      const time = i * 50 * MINUTE;
      host.fail([...CUSTOMERS, ...ABUSERS], time, time + 1, time + 2);
      host.blocks.expire(START + time + MINUTE);
      host.blocks.forget(START + time + MINUTE);
      if (i === 1) expect(host.refused(time + 3)).to.have.members([...CUSTOMERS.slice(0, 5), ...ABUSERS]);
    }
    const blocked = host.changes.filter(({ type }) => type === 'block').map(({ ip }) => ip);
    expect(new Set(blocked)).to.deep.equal(new Set([...CUSTOMERS.slice(0, 5), ...ABUSERS]));
    expect(host.turns).to.have.lengthOf(1);
  });

  it('closes where the policy has none any more', () => {
    const host = new Customers().fail(CUSTOMERS, HOUR, HOUR, HOUR);
    host.blocks.adopt(termsOf(), START + HOUR + 1);
    expect(host.turns.at(-1)).to.deep.include({ state: 'closed', reason: 'policy-changed' });
  });

  it('closes in time where the clock was ahead and is set back', () => {
    const host = new Customers().fail(CUSTOMERS, HOUR, HOUR, HOUR);
    const past = START - 1000 * HOUR;
    host.blocks.expire(START + HOUR);
    host.blocks.expire(past);
    host.blocks.expire(past + HOUR + MINUTE);
    expect(host.blocks.breaker.opening).to.equal(undefined);
  });

  it('closes in time where the clock was set back while the daemon was down', () => {
    const host = new Customers().fail(CUSTOMERS, HOUR, HOUR, HOUR);
    const past = START - 1000 * HOUR;
    const restarted = new Customers();
    const { saved } = host.blocks.breaker;
    if (saved !== undefined) restarted.blocks.loading.breaker(saved);
    restarted.blocks.adopt(restarted.blocks.terms, past);
    expect(restarted.blocks.breaker.opening).to.not.equal(undefined);
    restarted.blocks.expire(past + HOUR + MINUTE);
    expect(restarted.blocks.breaker.opening).to.equal(undefined);
  });

  it('counts no block by hand, and no watched one', () => {
    const watching = { ...AUTH, enforce: false };
    const host = new Customers({ rules: [AUTH, { ...watching, name: 'watch', limit: 2 }] });
    for (const address of CUSTOMERS.slice(0, 5))
      host.blocks.impose(address, 'auth', START + HOUR, START + 2 * HOUR, HAND);
    host.fail(CUSTOMERS.slice(5, 20), HOUR, HOUR);
    expect(host.turns).to.deep.equal([]);
    host.fail(CUSTOMERS.slice(5, 10), HOUR);
    expect(host.refused(HOUR)).to.have.lengthOf(10);
    expect(host.turns).to.deep.equal([]);
  });

  it('does not count a customer that is spared for its share', () => {
    const host = new Customers({ rules: [{ ...AUTH, share: 0.9 }] });
    host.fail(CUSTOMERS, HOUR, HOUR, HOUR);
    expect(host.refused(HOUR)).to.deep.equal([]);
    expect(host.turns).to.deep.equal([]);
    expect(host.spared.map(({ reason }) => reason)).to.deep.equal(CUSTOMERS.map(() => 'share'));
  });
});
