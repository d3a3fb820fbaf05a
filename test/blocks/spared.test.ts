// Spared clients: they reached a limit, and most of what they do is good.

import { expect } from 'chai';
import type { Rule } from '../../src/blocks/rules.ts';
import type { ClientView } from '../../src/blocks/table/table-view.ts';
import { parseRecord, recordLine } from '../../src/state/snapshot/client-line.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, BlocksFixture, START } from './blocks-fixture.ts';

const IP = '192.0.2.1';
const RECIPIENTS: Rule = {
  ...AUTH,
  name: 'recipients',
  counts: ['rejected-recipient'],
  limit: 100,
  within: HOUR,
  blockFor: 48 * HOUR,
  share: 0.1,
};
/** Of three events at once, one in ten. */
const FEW: Rule = { ...RECIPIENTS, limit: 3 };

function fixtureOf(...rules: readonly Rule[]): BlocksFixture {
  return new BlocksFixture({ rules });
}

const keysOf = (records: Iterable<ClientView>) => [...records].map(({ key }) => key);
const spared = ({ blocks }: BlocksFixture) => keysOf(blocks.spared());

/** One good message an event, `bad` of `all` refused, evenly over an hour, for some hours. */
function busy(fixture: BlocksFixture, bad: number, good: number, hours: number): void {
  const all = bad + good;
  for (let i = 0; i < all * hours; i++) {
    const time = Math.floor((i * HOUR) / all);
    const isBad = Math.floor(((i + 1) * bad) / all) > Math.floor((i * bad) / all);
    if (isBad) fixture.take(IP, [time], 'unknown-recipient');
    else fixture.accept(IP, time);
  }
}

describe('blocks/spared', () => {
  it('a host that delivers 6,000 good mails and 120 to unknown recipients an hour is spared for as long', () => {
    const fixture = fixtureOf(RECIPIENTS);
    busy(fixture, 120, 6000, 6);
    expect(fixture.reported).to.deep.equal([]);
    expect(fixture.spared.map(({ ip, rule, reason }) => `${ip} ${rule} ${reason}`)).to.deep.equal(
      new Array(6).fill(`${IP} recipients share`),
    );
    expect(fixture.spared.at(-1)).to.include({ bad: 120, share: 0.1, enforced: true });
  });

  it('a host of which 30 % are refused is blocked by the event that reaches the limit', () => {
    const fixture = fixtureOf(RECIPIENTS);
    busy(fixture, 300, 700, 1);
    expect(fixture.reported).to.have.lengthOf(1);
    const [block] = fixture.changes;
    expect(block).to.include({ type: 'block', count: 100 });
    expect(fixture.spared).to.deep.equal([]);
  });

  it('a spared host that turns to abuse is blocked as soon as the share is met', () => {
    const fixture = fixtureOf(FEW);
    for (let i = 0; i < 90; i++) fixture.accept(IP, 0);
    fixture.take(IP, [1, 2, 3, 4, 5, 6, 7, 8, 9], 'relay-denied');
    expect(fixture.reported).to.deep.equal([]);
    fixture.take(IP, [10], 'relay-denied');
    expect(fixture.reported).to.deep.equal([`block ${IP} recipients 10`]);
    expect(spared(fixture)).to.deep.equal([]);
  });

  it('needs more than nine accepted recipients for each refused one', () => {
    for (const [recipients, isBlocked] of [
      [8, true],
      [9, true],
      [10, false],
    ] as const) {
      const fixture = fixtureOf(RECIPIENTS);
      for (let i = 0; i < 300; i++) fixture.accept(IP, i, recipients).take(IP, [i], 'unknown-recipient');
      expect(fixture.reported.length > 0, `${recipients} accepted`).to.equal(isBlocked);
    }
  });

  it('is reported once in each time of the rule, and again after a pause', () => {
    const fixture = fixtureOf({ ...FEW, within: 10 * MINUTE });
    for (let minute = 0; minute < 60; minute++) fixture.accept(IP, minute * MINUTE, 100);
    for (let minute = 0; minute < 25; minute++) fixture.take(IP, [minute * MINUTE], 'relay-denied');
    fixture.take(IP, [50 * MINUTE, 51 * MINUTE, 52 * MINUTE], 'relay-denied');
    const minutes = fixture.spared.map(({ at }) => (at - START) / MINUTE);
    expect(minutes).to.deep.equal([2, 12, 22, 52]);
    const [one] = [...fixture.blocks.spared()].flatMap((client) => client.spared ?? []);
    expect(one).to.include({ since: START + 52 * MINUTE, reportedAt: START + 52 * MINUTE, bad: 3 });
  });

  it('keeps all events within the time of the rule, and those of other rules as before', () => {
    const fixture = fixtureOf(FEW, { ...AUTH, limit: 40, enforce: false });
    for (let i = 0; i < 700; i++)
      fixture.accept(IP, i * 10_000, 100).take(IP, [i * 10_000], 'unknown-recipient');
    const [client] = fixture.blocks.spared();
    expect(client?.spared?.map(({ bad }) => bad)).to.deep.equal([360]);
    expect(client?.events.length).to.be.within(360, 360 + 256);
  });

  it('is over a time of the rule after the last event that found the limit reached', () => {
    const fixture = fixtureOf(FEW);
    fixture.accept(IP, 0, 100).take(IP, [1, 2, 3], 'unknown-recipient');
    fixture.take(IP, [30 * MINUTE], 'unknown-recipient').take(IP, [89 * MINUTE], 'unknown-recipient');
    fixture.blocks.forget(START + 89 * MINUTE);
    expect(spared(fixture)).to.deep.equal([IP]);
    fixture.blocks.forget(START + 92 * MINUTE);
    expect(spared(fixture)).to.deep.equal([]);
    expect(fixture.counted(IP), 'it is still counted').to.be.above(0);
  });

  it('is over with the rule, with a block and when the client is evicted', () => {
    const other = '192.0.2.2';
    const fixture = new BlocksFixture({ rules: [FEW, { ...AUTH, limit: 4 }], maxTracked: 2 });
    for (const ip of [IP, other]) fixture.accept(ip, 0, 100).take(ip, [1, 2, 3], 'unknown-recipient');
    expect(spared(fixture)).to.deep.equal([IP, other]);
    fixture.take('192.0.2.3', [4]);
    expect(spared(fixture)).to.have.lengthOf(1);
    fixture.take(other, [5, 5, 5, 5]);
    expect(spared(fixture)).to.deep.equal([]);
    fixture.adopt({ rules: [AUTH] }, 6);
    fixture.blocks.forget(START + 7);
    expect(spared(fixture)).to.deep.equal([]);
  });

  it('ends with the rule', () => {
    const fixture = fixtureOf(FEW);
    fixture.accept(IP, 0, 100).take(IP, [1, 2, 3], 'unknown-recipient');
    fixture.adopt({ rules: [AUTH] }, 4);
    fixture.blocks.forget(START + 5);
    expect(spared(fixture)).to.deep.equal([]);
  });

  it('is reported as not enforced for a watched rule, and starts no watched block', () => {
    const fixture = fixtureOf({ ...FEW, enforce: false });
    fixture.accept(IP, 0, 100).take(IP, [1, 2, 3], 'unknown-recipient');
    expect(fixture.spared.map(({ enforced }) => enforced)).to.deep.equal([false]);
    expect(fixture.reported).to.deep.equal([]);
  });

  it('is kept in the line of the snapshot, and listed after a restart', () => {
    const first = fixtureOf(FEW);
    first.accept(IP, 0, 100).take(IP, [1, 2, 3, 4], 'unknown-recipient');
    const second = fixtureOf(FEW);
    for (const client of first.blocks.spared()) {
      const { key, state } = parseRecord(recordLine(client), 1);
      second.blocks.loading.client(key, state);
      expect(second.blocks.table.get(key)?.spared).to.deep.equal(client.spared);
    }
    expect(spared(second)).to.deep.equal([IP]);
  });

  it('counts nothing good while the client is blocked, and nothing from before the end of its block', () => {
    const fixture = fixtureOf({ ...FEW, blockFor: HOUR });
    fixture.take(IP, [1, 2, 3], 'unknown-recipient').accept(IP, 4, 10_000);
    fixture.expire(2 * HOUR).accept(IP, HOUR, 10_000);
    fixture.take(IP, [2 * HOUR, 2 * HOUR, 2 * HOUR], 'unknown-recipient');
    expect(fixture.reported.at(-1)).to.equal(`block ${IP} recipients ${2 * HOUR}`);
  });

  it('asks the share after a grace of all that happened in it', () => {
    const fixture = fixtureOf(FEW);
    fixture.blocks.lift(IP, START, { by: 'alice', why: 'x' }, START + HOUR / 2);
    for (let i = 0; i < 100; i++) fixture.accept(IP, MINUTE + i);
    for (let i = 0; i < 20; i++) fixture.take(IP, [MINUTE + i], 'unknown-recipient');
    expect(fixture.allReported).to.deep.equal([]);
    fixture.take(IP, [HOUR / 2 + 1], 'unknown-recipient');
    expect(fixture.allReported).to.deep.equal([`block ${IP} recipients ${HOUR / 2 + 1}`]);
  });

  it('keeps the counts of a spared client where an allow entry was made before a late line was read', () => {
    const fixture = fixtureOf(FEW);
    for (let i = 0; i < 40; i++) fixture.accept(IP, i);
    fixture.blocks.allow({ entry: IP, at: START + 50, until: START + 60, hand: { by: 'alice', why: 'x' } });
    fixture.take(IP, [31, 32, 33], 'unknown-recipient');
    expect(fixture.sparedLines).to.deep.equal([`${IP} recipients 33: 3 of 43`]);
    expect(fixture.counted(IP)).to.equal(3);
    fixture.take(IP, [71, 72], 'unknown-recipient');
    expect(fixture.reported).to.deep.equal([`block ${IP} recipients 72`]);
  });

  it('compares dropped connections with ended ones, refused messages with accepted ones', () => {
    const drops: Rule = { ...FEW, name: 'drops', counts: ['dropped-connection'], share: 0.5 };
    const messages: Rule = { ...FEW, name: 'messages', counts: ['rejected-message'], share: 0.2 };
    const fixture = fixtureOf(drops, messages);
    for (let i = 0; i < 4; i++) fixture.ended(IP, i);
    for (let i = 0; i < 13; i++) fixture.accept(IP, i, 50);
    fixture.take(IP, [20, 21, 22], 'timeout').take(IP, [23, 24, 25], 'milter');
    expect(fixture.sparedLines).to.deep.equal([`${IP} drops 22: 3 of 7`, `${IP} messages 25: 3 of 16`]);
    fixture.take(IP, [26], 'timeout');
    expect(fixture.reported).to.deep.equal([`block ${IP} drops 26`]);
  });

  it('shows how far each client is from the share of each rule', () => {
    const fixture = fixtureOf(FEW, { ...AUTH, limit: 30 });
    fixture.accept(IP, 0, 100).take(IP, [1, 2, 3], 'unknown-recipient').take(IP, [4]);
    const client = fixture.blocks.recordOf(IP);
    expect(client && fixture.blocks.sharesOf(client, START + 5)).to.deep.equal([
      { rule: 'recipients', count: 3, bad: 3, good: 100, share: 0.1, isMet: false },
      { rule: 'auth', count: 1, bad: 1, good: 0, share: 0, isMet: true },
    ]);
  });
});
