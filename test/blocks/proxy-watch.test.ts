// A private client that reaches a limit is not blocked, and is suspected to be a proxy.

import { expect } from 'chai';
import { Blocks } from '../../src/blocks/blocks.ts';
import type { Change } from '../../src/blocks/changes.ts';
import { DAY, HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, eventOf, type Policy, START, termsOf } from './blocks-fixture.ts';

const PRIVATE = { keyword: 'private', networks: ['172.16.0.0/12', '10.0.0.0/8', 'fd00::/8'] } as const;
const GATEWAY = '172.18.0.1';
const HAND = { by: 'alice', why: 'ticket 4711' };

class Gateway {
  readonly changes: Change[] = [];
  readonly blocks: Blocks;

  constructor(policy: Policy = {}) {
    this.blocks = new Blocks(termsOf({ allow: [PRIVATE], ...policy }), (change) => this.changes.push(change));
  }

  /** Failures of a client, in ms after START. */
  fail(times: readonly number[], client = GATEWAY, now = Number.POSITIVE_INFINITY): this {
    for (const time of times) this.blocks.take(eventOf(client, time), now);
    return this;
  }

  /** Each change as `proxy-suspected 172.18.0.1 auth 3`. */
  get told(): readonly string[] {
    return this.changes.map((change) => {
      const rule = 'rule' in change ? change.rule : '';
      return `${change.type} ${change.ip} ${rule} ${change.at - START}`;
    });
  }
}

describe('blocks/proxy-watch: a private client', () => {
  it('is suspected at the event that would have blocked it, and is not blocked', () => {
    const gateway = new Gateway().fail([1, 2]);
    expect(gateway.told).to.deep.equal([]);
    gateway.fail([3]);
    expect(gateway.told).to.deep.equal([`proxy-suspected ${GATEWAY} auth 3`]);
    expect(gateway.blocks.refusing(GATEWAY, () => undefined, START + 3)).to.equal(undefined);
    expect(gateway.blocks.table.size, 'no part of the snapshot').to.equal(0);
  });

  it('is reported once in each time of the rule', () => {
    const gateway = new Gateway();
    for (let time = 0; time < HOUR; time += MINUTE) gateway.fail([time]);
    expect(gateway.told).to.deep.equal(
      [2, 12, 22, 32, 42, 52].map((minute) => `proxy-suspected ${GATEWAY} auth ${minute * MINUTE}`),
    );
  });

  it('is not suspected where its failures lie too far apart', () => {
    const gateway = new Gateway();
    for (let time = 0; time < HOUR; time += 5 * MINUTE) gateway.fail([time]);
    expect(gateway.told).to.deep.equal([]);
  });

  it('is not suspected while the share of the rule is not met', () => {
    const rules = [{ ...AUTH, share: 0.5 }];
    const gateway = new Gateway({ rules });
    for (let user = 0; user < 4; user++)
      gateway.blocks.take({ kind: 'login', address: GATEWAY, at: START, user });
    expect(gateway.fail([1, 2, 3]).told).to.deep.equal([]);
    expect(gateway.fail([4]).told).to.deep.equal([`proxy-suspected ${GATEWAY} auth 4`]);
  });

  it('is suspected by the users that failed, unless they log in later', () => {
    const rules = [{ ...AUTH, limit: 4, share: 0.6, forgive: 'login' as const }];
    const users = (gateway: Gateway, ...list: readonly number[]) => {
      for (const [i, user] of list.entries()) gateway.blocks.take({ ...eventOf(GATEWAY, i), user });
      return gateway;
    };
    const login = (gateway: Gateway, user: number) => {
      gateway.blocks.take({ kind: 'login', address: GATEWAY, at: START + 10, user });
      return gateway;
    };
    expect(users(new Gateway({ rules }), 1, 2, 3, 4).told).to.have.lengthOf(1);
    const oneDevice = login(login(new Gateway({ rules }), 8), 9);
    expect(users(oneDevice, 1, 1, 1, 1).told, 'one user of three').to.deep.equal([]);
    const forgiven = login(users(new Gateway({ rules }), 1, 1, 1), 1);
    forgiven.blocks.take({ ...eventOf(GATEWAY, 11), user: 2 });
    expect(forgiven.told, 'one failure left').to.deep.equal([]);
  });

  it('is suspected by its IPv6 network, and by a rule that only watches', () => {
    const rules = [{ ...AUTH, enforce: false }];
    const gateway = new Gateway({ rules }).fail([1, 2, 3], 'fd00::1');
    expect(gateway.told).to.deep.equal(['proxy-suspected fd00::/64 auth 3']);
  });

  it('is not watched where another entry covers it too', () => {
    expect(new Gateway({ allow: [PRIVATE, GATEWAY] }).fail([1, 2, 3]).told).to.deep.equal([]);
    const gateway = new Gateway();
    gateway.blocks.allow({ entry: GATEWAY, at: START, until: START + DAY, hand: HAND });
    gateway.changes.length = 0;
    expect(gateway.fail([1, 2, 3]).told).to.deep.equal([]);
  });

  it('is blocked like any other where the allow list has no `private`', () => {
    expect(new Gateway({ allow: [] }).fail([1, 2, 3]).told).to.deep.equal([`block ${GATEWAY} auth 3`]);
  });

  it('is counted anew where the clock was ahead and is set back', () => {
    const gateway = new Gateway();
    for (const time of [DAY, DAY + 1, DAY + 2]) gateway.fail([time], GATEWAY, START + time);
    for (const time of [1, 2, 3]) gateway.fail([time], GATEWAY, START + time);
    expect(gateway.told.at(-1)).to.equal(`proxy-suspected ${GATEWAY} auth 3`);
  });

  it('is one of 64 that are watched at a time, those seen last', () => {
    const gateway = new Gateway();
    const client = (n: number) => `10.0.0.${n}`;
    for (let n = 0; n < 65; n++) gateway.fail([1, 2], client(n));
    gateway.fail([3], client(64)).fail([3], client(0)).fail([3], client(2));
    expect(gateway.told).to.deep.equal([64, 2].map((n) => `proxy-suspected ${client(n)} auth 3`));
  });
});
