// Failed logins by user: who only fails is an attacker, who logs in from the same address has a stale password somewhere.

import { expect } from 'chai';
import type { Rule } from '../../src/blocks/rules.ts';
import { parseRecord, recordLine } from '../../src/state/snapshot/client-line.ts';
import { DAY, HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, BlocksFixture, eventOf, START } from './blocks-fixture.ts';

const OFFICE = '192.0.2.1';
const GUESSER = '198.51.100.7';
/** As policy.yml has it. */
const FAILURES: Rule = {
  ...AUTH,
  name: 'auth-failures',
  limit: 30,
  within: HOUR,
  blockFor: 24 * HOUR,
  share: 0.5,
  forgive: 'login',
};
const FORGIVING: Rule = { ...AUTH, forgive: 'login' };
/** Three failures, whoever logged in. */
const STRICT: Rule = { ...AUTH, name: 'strict' };

const fixtureOf = (...rules: readonly Rule[]) => new BlocksFixture({ rules });

describe('blocks/forgiveness', () => {
  it('an office of 20 users of which one device has an old password is spared', () => {
    const fixture = fixtureOf(FAILURES);
    for (let hour = 0; hour < 8; hour++) {
      for (let user = 1; user <= 19; user++) fixture.login(OFFICE, hour * HOUR + user * MINUTE, user);
      for (let i = 0; i < 60; i++) fixture.fail(OFFICE, hour * HOUR + i * MINUTE, 20);
    }
    expect(fixture.reported).to.deep.equal([]);
    expect(fixture.spared.at(-1)).to.include({ bad: 1, good: 19 });
  });

  it('an office whose devices fail with old passwords of users who log in elsewhere in it is not even spared', () => {
    const fixture = fixtureOf(FAILURES);
    for (let i = 0; i < 60; i++) {
      fixture.fail(OFFICE, i * MINUTE, 7);
      if (i % 10 === 9) fixture.login(OFFICE, i * MINUTE + 1, 7);
    }
    expect(fixture.allReported).to.deep.equal([]);
  });

  it('a guesser of 30 names is blocked at the 30th, also if it owns a valid account', () => {
    for (const owned of [[], [99], [99, 98, 97]]) {
      const fixture = fixtureOf(FAILURES);
      for (const user of owned) fixture.login(GUESSER, 0, user);
      for (let name = 1; name <= 30; name++) fixture.fail(GUESSER, name * 1000, name);
      expect(fixture.reported).to.deep.equal([`block ${GUESSER} auth-failures 30000`]);
    }
  });

  it('a guesser of one name is blocked at the 30th guess', () => {
    const fixture = fixtureOf(FAILURES);
    for (let i = 1; i <= 30; i++) fixture.fail(GUESSER, i * 1000, 5);
    expect(fixture.reported).to.deep.equal([`block ${GUESSER} auth-failures 30000`]);
  });

  it('failures whose user Postfix does not log are users of their own', () => {
    const fixture = fixtureOf(FAILURES);
    for (let user = 1; user <= 31; user++) fixture.login(OFFICE, 0, user);
    for (let i = 1; i <= 31; i++) fixture.fail(OFFICE, i * 1000, 0);
    expect(fixture.sparedLines).to.deep.equal([`${OFFICE} auth-failures 30000: 30 of 61`]);
    expect(fixture.reported).to.deep.equal([`block ${OFFICE} auth-failures 31000`]);
  });

  it('a customer with an old password is blocked, and after a login not again by old failures', () => {
    const fixture = fixtureOf({ ...FORGIVING, blockFor: MINUTE });
    for (const time of [1, 2, 3]) fixture.fail(OFFICE, time, 4);
    expect(fixture.reported).to.deep.equal([`block ${OFFICE} auth 3`]);
    fixture.expire(MINUTE + 3);
    fixture
      .fail(OFFICE, 2 * MINUTE, 4)
      .fail(OFFICE, 2 * MINUTE + 1, 4)
      .login(OFFICE, 2 * MINUTE + 2, 4);
    fixture.fail(OFFICE, 2 * MINUTE + 3, 4).fail(OFFICE, 2 * MINUTE + 4, 4);
    expect(fixture.reported).to.have.lengthOf(2);
    fixture.fail(OFFICE, 2 * MINUTE + 5, 4);
    expect(fixture.reported.at(-1)).to.equal(`block ${OFFICE} auth ${2 * MINUTE + 5}`);
  });

  it('a login takes back no failures of others, and none without a user', () => {
    const fixture = fixtureOf(FORGIVING);
    fixture.fail(OFFICE, 1, 4).fail(OFFICE, 2, 5).fail(OFFICE, 3, 0).login(OFFICE, 3, 6);
    expect(fixture.reported).to.deep.equal([`block ${OFFICE} auth 3`]);
    const other = fixtureOf(FORGIVING);
    other.fail(OFFICE, 1, 4).fail(OFFICE, 2, 0).login(OFFICE, 3, 4).login(OFFICE, 3).fail(OFFICE, 4, 0);
    expect(other.counted(OFFICE)).to.equal(2);
    other.fail(OFFICE, 5, 5);
    expect(other.reported).to.deep.equal([`block ${OFFICE} auth 5`]);
  });

  it('a login elsewhere takes back nothing', () => {
    const fixture = fixtureOf(FORGIVING);
    for (const time of [1, 2]) fixture.fail(GUESSER, time, 4);
    fixture.login(OFFICE, 3, 4).fail(GUESSER, 4, 4);
    expect(fixture.reported).to.deep.equal([`block ${GUESSER} auth 4`]);
  });

  it('a failure that is read after the login and stamped before it is forgiven too', () => {
    const fixture = fixtureOf(FORGIVING);
    fixture.login(OFFICE, 10, 4);
    for (const time of [8, 9, 10]) fixture.fail(OFFICE, time, 4);
    expect(fixture.counted(OFFICE)).to.equal(undefined);
    for (const time of [11, 12, 13]) fixture.fail(OFFICE, time, 4);
    expect(fixture.reported).to.deep.equal([`block ${OFFICE} auth 13`]);
  });

  it('rules that do not forgive count forgiven failures, before and after a restart', () => {
    const first = fixtureOf(FORGIVING, STRICT);
    first.fail(OFFICE, 1, 4).fail(OFFICE, 2, 5).login(OFFICE, 3, 4);
    const second = fixtureOf(FORGIVING, STRICT);
    const walk = first.blocks.table.walk((record) => {
      const { key, state } = parseRecord(recordLine(record), 1);
      second.blocks.loading.client(key, state);
    });
    while (walk.step(1));
    for (const fixture of [first, second]) {
      fixture.fail(OFFICE, 5, 6);
      expect(fixture.reported).to.deep.equal([`block ${OFFICE} strict 5`]);
    }
  });

  it('a client of one failure that is forgiven is not known any more', () => {
    const fixture = fixtureOf(FORGIVING);
    fixture.fail(OFFICE, 1, 4);
    expect(fixture.blocks.table.get(OFFICE)?.failures).to.deep.equal([START + 1, 4]);
    fixture.login(OFFICE, 2, 4);
    expect(fixture.blocks.table.size).to.equal(0);
    fixture.fail(OFFICE, 3, 4).take(OFFICE, [4], 'unknown-recipient').login(OFFICE, 5, 4);
    expect(fixture.counted(OFFICE)).to.equal(undefined);
  });

  it('evidence of a block holds no failure that was forgiven before', () => {
    const fixture = fixtureOf(FORGIVING);
    const fail = (time: number, user: number) =>
      fixture.blocks.take({ ...eventOf(OFFICE, time), user, detail: () => ({ line: `failure ${time}` }) });
    for (const time of [1, 2]) fail(time, 4);
    fixture.login(OFFICE, 3, 4);
    for (const time of [4, 5, 6]) fail(time, 5);
    expect(fixture.blocks.recordOf(OFFICE)?.block?.evidence?.size).to.equal(3);
  });

  it('users are dropped with their failures, and kept only where a rule needs them', () => {
    const fixture = fixtureOf({ ...FORGIVING, enforce: false, blockFor: DAY });
    for (let i = 0; i < 100; i++) fixture.fail(OFFICE, i * 1000, i + 1);
    expect(fixture.blocks.table.get(OFFICE)?.failures).to.have.lengthOf(2 * AUTH.limit);
    fixture.fail(OFFICE, HOUR, 7);
    expect(fixture.blocks.table.get(OFFICE)?.failures).to.deep.equal([START + HOUR, 7]);
    const without = fixtureOf(AUTH).fail(OFFICE, 1, 4);
    expect(without.blocks.table.get(OFFICE)?.failures).to.equal(undefined);
  });

  it('a spared office is judged by all of its users, at most 10,000 failures', () => {
    const fixture = fixtureOf({ ...FAILURES, within: DAY });
    for (let i = 0; i < 200; i++) fixture.login(OFFICE, i, 1_000_000 + i);
    for (let i = 1; i <= 12_000; i++) {
      fixture.fail(OFFICE, i * 1000, 1 + (i % 12) * 1e12 + (i % 40));
    }
    const [client] = fixture.blocks.spared();
    expect(fixture.reported).to.deep.equal([]);
    expect(client?.spared?.[0]).to.include({ bad: 120, good: 200 });
    expect(client?.failures?.length).to.be.at.most(20_000);
  });
});
