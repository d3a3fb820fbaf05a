// What the desk shows of spared clients: who is near a block, how near, and what decided.

import { expect } from 'chai';
import type { ListAnswer, ShowAnswer, SparedAnswer } from '../../src/desk/answers.ts';
import { Desk } from '../../src/desk/desk.ts';
import { CONTROL_VERSION, type ControlRequest } from '../../src/desk/protocol.ts';
import { countSpared } from '../../src/desk/spared.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, BlocksFixture, type Policy, START } from '../blocks/blocks-fixture.ts';
import { CONTEXT } from './context.ts';

const IP = '192.0.2.1';
const WITHIN = 10 * MINUTE;
/** Three rejected recipients in ten minutes, and a tenth of all. */
const RECIPIENTS = { ...AUTH, name: 'recipients', counts: ['rejected-recipient'], share: 0.1 } as const;

function iso(time: number): string {
  return new Date(START + time).toISOString();
}

/** A desk over blocks; times in ms after START. */
class Office {
  readonly fixture: BlocksFixture;
  readonly #desk: Desk;

  constructor(policy: Policy = { rules: [RECIPIENTS] }) {
    this.fixture = new BlocksFixture(policy);
    this.#desk = new Desk(this.fixture.blocks, CONTEXT);
  }

  /** Delivers 97 recipients, and three that are rejected. */
  busy(ip = IP): this {
    this.fixture.accept(ip, 0, 97).take(ip, [1, 2, 3], 'rejected-recipient');
    return this;
  }

  async ask(request: Omit<ControlRequest, 'version'>, time: number): Promise<unknown> {
    return await this.#desk.answer({ version: CONTROL_VERSION, ...request }, START + time);
  }

  async spared(time: number): Promise<SparedAnswer['spared']> {
    return ((await this.ask({ command: 'list', spared: true }, time)) as SparedAnswer).spared;
  }

  async show(time: number, ip = IP): Promise<ShowAnswer> {
    return (await this.ask({ command: 'show', ip }, time)) as ShowAnswer;
  }
}

describe('desk/spared: list --spared', () => {
  it('has each spared client with the figures that decided, and no blocks', async () => {
    const office = new Office().busy();
    const answer = (await office.ask({ command: 'list', spared: true }, 4)) as SparedAnswer;
    expect(answer).not.to.have.property('blocks');
    expect(answer.spared).to.deep.equal([
      {
        ip: IP,
        rule: 'recipients',
        enforced: true,
        reason: 'share',
        since: iso(3),
        last: iso(3),
        bad: 3,
        good: 97,
        share: 0.1,
      },
    ]);
    expect(((await office.ask({ command: 'list' }, 4)) as ListAnswer).blocks).to.deep.equal([]);
  });

  it('leaves out a client that did nothing for the time of the rule', async () => {
    const office = new Office().busy();
    expect(await office.spared(3 + WITHIN - 1)).to.have.lengthOf(1);
    expect(await office.spared(3 + WITHIN)).to.deep.equal([]);
    expect(countSpared(office.fixture.blocks, START + 3 + WITHIN)).to.equal(0);
  });

  it('leaves out a client that is blocked by now, and has it again when that block is over', async () => {
    const office = new Office({ rules: [{ ...RECIPIENTS, within: 2 * HOUR }, AUTH] }).busy();
    office.fixture.take(IP, [4, 5, 6]);
    expect(await office.spared(7)).to.deep.equal([]);
    expect((await office.show(7)).spared).to.deep.equal([]);
    expect(countSpared(office.fixture.blocks, START + 7)).to.equal(0);
  });

  it('marks a rule that only watches', async () => {
    const office = new Office({ rules: [{ ...RECIPIENTS, enforce: false }] }).busy();
    expect((await office.spared(4)).map(({ enforced }) => enforced)).to.deep.equal([false]);
  });

  it('counts each client once', () => {
    const rules = [RECIPIENTS, { ...RECIPIENTS, name: 'other' }];
    const office = new Office({ rules }).busy().busy('192.0.2.2');
    expect(countSpared(office.fixture.blocks, START + 4)).to.equal(2);
  });
});

describe('desk/spared: show', () => {
  it('has the rule that spares the client, and how far it is from limit and share', async () => {
    const { spared, counts, block } = await new Office().busy().show(4);
    expect(block).to.equal(null);
    expect(spared.map(({ rule, bad, good }) => [rule, bad, good])).to.deep.equal([['recipients', 3, 97]]);
    expect(counts).to.deep.equal([
      {
        rule: 'recipients',
        enforced: true,
        count: 3,
        limit: 3,
        within: 600,
        sort: 'recipients',
        bad: 3,
        good: 97,
        share: 0.1,
        former: 0,
        blockFor: 3600,
      },
    ]);
  });

  it('compares users where a rule counts failed logins', async () => {
    const office = new Office({ rules: [{ ...AUTH, share: 0.5 }] });
    office.fixture.login(IP, 0, 1).login(IP, 1, 2);
    const [count] = (await office.show(2)).counts;
    expect(count).to.include({ sort: 'logins', count: 0, bad: 0, good: 2, share: 0.5 });
  });

  it('has no good events for a rule without a share', async () => {
    const office = new Office({ rules: [{ ...RECIPIENTS, share: 0 }] }).busy();
    expect((await office.show(1)).counts[0]).to.include({ good: 0, share: 0 });
  });

  it('knows of a client that never did wrong how much it did well', async () => {
    const office = new Office();
    office.fixture.accept(IP, 0, 50);
    expect((await office.show(1)).counts[0]).to.include({ count: 0, bad: 0, good: 50 });
  });

  it('says when a client in good standing last did well, for a day', async () => {
    const office = new Office();
    expect((await office.show(1)).lastGood).to.equal(null);
    office.fixture.accept(IP, 5_000_110);
    const { lastGood } = await office.show(5_000_200);
    expect(Math.abs(Date.parse(lastGood ?? '') - Date.parse(iso(5_000_110)))).to.be.below(1000);
    expect((await office.show(5_000_110 + 24 * HOUR)).lastGood).to.equal(null);
  });

  it('says of a block whether its rule lets clients pass that logged in', async () => {
    const office = new Office({ rules: [{ ...AUTH, passes: 'authenticated' }] });
    office.fixture.take(IP, [1, 2, 3]);
    expect((await office.show(4)).block?.passes).to.equal('authenticated');
    const other = new Office({ rules: [AUTH] });
    other.fixture.take(IP, [1, 2, 3]);
    expect((await other.show(4)).block?.passes).to.equal(null);
  });

  it('says how long the next block lasts where former ones lengthen it', async () => {
    const repeat = { within: 24 * HOUR, factor: 2, most: 24 * HOUR };
    const office = new Office({ rules: [{ ...AUTH, repeat }] });
    office.fixture.take(IP, [1, 2, 3]).expire(2 * HOUR);
    expect((await office.show(2 * HOUR)).counts[0]).to.include({ former: 1, blockFor: 7200 });
    expect((await office.show(25 * HOUR)).counts[0]).to.include({ former: 0, blockFor: 3600 });
  });

  it('has the newest events of a client near a limit, which are those of the block once there is one', async () => {
    const office = new Office({ rules: [AUTH] });
    office.fixture.take(IP, [1, 2]);
    const { evidence } = await office.show(3);
    office.fixture.take(IP, [3]);
    const blocked = await office.show(4);
    expect(blocked.evidence).to.deep.equal([]);
    expect(blocked.block?.evidence.slice(0, evidence.length)).to.deep.equal(evidence);
  });
});
