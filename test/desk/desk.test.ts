// The desk: what list and show tell of the blocks, and what is done to them by hand.

import { expect } from 'chai';
import type {
  AllowedAnswer,
  DoneAnswer,
  GracesAnswer,
  ListAnswer,
  ListedBlock,
  ShowAnswer,
  ShownBlock,
} from '../../src/desk/answers.ts';
import { Desk, type DeskContext } from '../../src/desk/desk.ts';
import { CONTROL_VERSION, type ControlRequest, DeskError, type ErrorCode } from '../../src/desk/protocol.ts';
import type { AuditEntry } from '../../src/state/audit.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, BlocksFixture, type Policy, START } from '../blocks/blocks-fixture.ts';
import { CONTEXT } from './context.ts';

const IP = '192.0.2.1';
const BY = { by: 'alice', reason: 'ticket 4711' };

function iso(time: number): string {
  return new Date(START + time).toISOString();
}

type Asked = Omit<ControlRequest, 'version'>;

/** A desk over blocks; times in ms after START. */
class Office {
  readonly fixture: BlocksFixture;
  readonly #desk: Desk;

  constructor(policy: Policy = {}, context: Partial<DeskContext> = {}) {
    this.fixture = new BlocksFixture(policy);
    this.#desk = new Desk(this.fixture.blocks, { ...CONTEXT, ...context });
  }

  async ask(request: Asked, time: number): Promise<unknown> {
    return await this.#desk.answer({ version: CONTROL_VERSION, ...request }, START + time);
  }

  async list(time: number, watching = false): Promise<readonly ListedBlock[]> {
    return ((await this.ask({ command: 'list', watching }, time)) as ListAnswer).blocks;
  }

  async show(ip: string, time: number): Promise<ShowAnswer> {
    return (await this.ask({ command: 'show', ip }, time)) as ShowAnswer;
  }

  /** What was done, without its times. */
  async done(request: Asked, time: number): Promise<string[]> {
    const { done } = (await this.ask({ ...BY, ...request }, time)) as DoneAnswer;
    return done.map(({ what, ip, rule }) => [what, ip, rule ?? []].flat().join(' '));
  }

  async refusal(request: Asked, time = 0): Promise<ErrorCode> {
    try {
      await this.ask({ ...BY, ...request }, time);
    } catch (error) {
      if (error instanceof DeskError) return error.code;
      throw error;
    }
    throw new Error('not refused');
  }
}

/** An office in which IP has been blocked by its third failed login, at START. */
function blockedOffice(policy: Policy = {}, context: Partial<DeskContext> = {}): Office {
  const office = new Office(policy, context);
  office.fixture.take(IP, [-2, -1, 0]);
  return office;
}

function blockOf({ block }: ShowAnswer): ShownBlock {
  if (block === null) throw new Error('not blocked');
  return block;
}

const WATCH = { ...AUTH, name: 'watch', limit: 2, enforce: false };

describe('desk/desk: how recent the newest abuse is', () => {
  it('shows the newest abuse of a client that is not blocked', async () => {
    const office = new Office();
    office.fixture.take(IP, [-9, -5]);
    expect((await office.show(IP, 1)).lastAbuse).to.equal(iso(-5));
    expect((await office.show('192.0.2.99', 1)).lastAbuse).to.equal(null);
  });

  it('shows abuse that a blocked client goes on with, though it is not counted', async () => {
    const office = blockedOffice();
    expect((await office.show(IP, 1)).lastAbuse).to.equal(iso(0));
    office.fixture.take(IP, [7, 5]);
    const { lastAbuse, block, counts } = await office.show(IP, 9);
    expect(lastAbuse).to.equal(iso(7));
    expect([block?.count, ...counts.map(({ count }) => count)]).to.deep.equal([3, ...counts.map(() => 0)]);
  });

  it('tells who unblocks how recent it is, and the newest mail that was refused', async () => {
    const office = blockedOffice();
    office.fixture.take(IP, [7]);
    office.fixture.refusal(IP, 9);
    const { done } = (await office.ask({ ...BY, command: 'unblock', ip: IP }, 20)) as DoneAnswer;
    expect(done[0]).to.include({ what: 'unblocked', lastAbuse: iso(7), lastRefused: iso(9) });
    expect((await office.show(IP, 21)).lastAbuse).to.equal(null);
  });

  it('knows none of a client that was blocked by hand and does nothing', async () => {
    const office = new Office();
    await office.ask({ ...BY, command: 'block', ip: IP, rule: 'auth', duration: HOUR }, 0);
    expect((await office.show(IP, 1)).lastAbuse).to.equal(null);
  });
});

describe('desk/desk: what was made by hand', () => {
  it('lists the graces that run, with who gave each and why, as the audit trail says', async () => {
    const until = iso(HOUR);
    const given = { event: 'grace', at: iso(0), ip: IP, until, by: 'alice', why: 'ticket 4711' };
    const office = new Office({}, { history: async () => [given as AuditEntry] });
    await office.ask({ ...BY, command: 'unblock', ip: IP, duration: HOUR }, 0);
    await office.ask({ ...BY, command: 'unblock', ip: '192.0.2.9', duration: 2 * HOUR }, 5);
    const list = async (time: number) =>
      ((await office.ask({ command: 'list', graces: true }, time)) as GracesAnswer).graces;
    expect(await list(9)).to.deep.equal([
      { ip: IP, since: iso(0), until, by: 'alice', reason: 'ticket 4711' },
      { ip: '192.0.2.9', since: iso(5), until: iso(2 * HOUR + 5), by: null, reason: null },
    ]);
    expect((await list(HOUR)).map(({ ip }) => ip)).to.deep.equal(['192.0.2.9']);
    expect(await list(3 * HOUR)).to.deep.equal([]);
  });

  it('lists the temporary allow entries', async () => {
    const office = new Office();
    await office.ask({ ...BY, command: 'allow', ip: '192.0.2.0/24', duration: HOUR }, 0);
    const list = async (time: number) =>
      ((await office.ask({ command: 'list', allowed: true }, time)) as AllowedAnswer).allowed;
    expect((await list(1)).map(({ ip, until, reason }) => [ip, until, reason])).to.deep.equal([
      ['192.0.2.0/24', iso(HOUR), BY.reason],
    ]);
    await office.ask({ ...BY, command: 'disallow', ip: '192.0.2.0/24' }, 5);
    expect(await list(9)).to.deep.equal([]);
  });
});

describe('desk/desk: counts in grace', () => {
  it('go on beyond the limit', async () => {
    const office = new Office();
    await office.ask({ ...BY, command: 'unblock', ip: IP, duration: HOUR }, 0);
    for (let i = 1; i <= 20; i++) office.fixture.take(IP, [i]);
    const { counts, block } = await office.show(IP, 30);
    expect(counts.map(({ rule, count }) => [rule, count])).to.deep.include(['auth', 20]);
    expect(block).to.equal(null);
  });
});

describe('desk/desk: list', () => {
  it('has each running block, with its refusals', async () => {
    const office = blockedOffice();
    office.fixture.refusal(IP, 10).refusal(IP, 20);
    expect(await office.list(30)).to.deep.equal([
      {
        ip: IP,
        name: null,
        rule: 'auth',
        enforced: true,
        since: iso(0),
        until: iso(HOUR),
        count: 3,
        refused: 2,
        lastRefused: iso(20),
        by: null,
        reason: null,
      },
    ]);
  });

  it('leaves out a block that has expired, reported or not', async () => {
    const office = blockedOffice();
    expect(await office.list(HOUR - 1)).to.have.lengthOf(1);
    expect(await office.list(HOUR)).to.deep.equal([]);
    office.fixture.expire(HOUR);
    expect(await office.list(HOUR)).to.deep.equal([]);
  });

  it('keeps watched blocks apart', async () => {
    const office = new Office({ rules: [AUTH, WATCH] });
    office.fixture.take('192.0.2.2', [0, 0]);
    expect(await office.list(1)).to.deep.equal([]);
    const [watch] = await office.list(1, true);
    expect(watch).to.include({ ip: '192.0.2.2', rule: 'watch', enforced: false, count: 2, refused: 0 });
    expect(await office.list(HOUR, true)).to.deep.equal([]);
  });
});

describe('desk/desk: show', () => {
  it('has the block with its text, its refusals and all counts', async () => {
    const office = blockedOffice();
    office.fixture.refusal(IP, 10).refusal(IP, 20);
    const answer = await office.show(IP, 30);
    expect(answer).to.include({ at: iso(30), source: 'daemon', ip: IP, key: IP, graceUntil: null });
    const { text, firstRefused, lastRefused, counts } = blockOf(answer);
    expect({ text, firstRefused, lastRefused }).to.deep.equal({
      text: 'No more logins.',
      firstRefused: iso(10),
      lastRefused: iso(20),
    });
    expect(counts).to.deep.equal({ 'auth-failure': 3 });
    expect(answer.counts).to.deep.equal([
      {
        rule: 'auth',
        enforced: true,
        count: 0,
        limit: 3,
        within: 600,
        sort: 'logins',
        bad: 0,
        good: 0,
        share: 0,
        former: 0,
        blockFor: 3600,
      },
    ]);
  });

  it('finds the block of an IPv6 network by any of its addresses, and by the network itself', async () => {
    const office = new Office();
    office.fixture.take('2001:db8:0:1::7', [0, 0, 0]);
    for (const ip of ['2001:db8:0:1::7', '2001:DB8:0:1:ffff::', '2001:db8:0:1::/64']) {
      const answer = await office.show(ip, 1);
      expect(answer.key, ip).to.equal('2001:db8:0:1::/64');
      expect(blockOf(answer).rule, ip).to.equal('auth');
    }
    expect((await office.show('2001:db8:0:2::7', 1)).block).to.equal(null);
  });

  it('finds a block that stands under the prefix of an earlier policy', async () => {
    const office = new Office();
    office.fixture.take('2001:db8:0:1::7', [0, 0, 0]).adopt({ ipv6Prefix: 56 }, 1);
    expect(blockOf(await office.show('2001:db8:0:1::9', 2)).rule).to.equal('auth');
    expect((await office.show('2001:db8:0:2::9', 2)).block).to.equal(null);
  });

  it('treats an IPv4-mapped address as the IPv4 client', async () => {
    expect((await blockedOffice().show(`::ffff:${IP}`, 1)).key).to.equal(IP);
  });

  it('finds a client behind a translator by either address, with the allow entry that covers it', async () => {
    const office = blockedOffice();
    for (const ip of ['64:ff9b::c000:201', IP]) {
      const answer = await office.show(ip, 1);
      expect({ ip: answer.ip, key: answer.key, rule: blockOf(answer).rule }).to.deep.equal({
        ip,
        key: IP,
        rule: 'auth',
      });
    }
    const allowed = new Office({ allow: ['192.0.2.0/24'] });
    expect((await allowed.show('64:ff9b::c000:201', 1)).allowed?.entry).to.equal('192.0.2.0/24');
    expect(await office.done({ command: 'unblock', ip: '64:ff9b::c000:201' }, 2)).to.deep.equal([
      `unblocked ${IP} auth`,
    ]);
  });

  it('counts a client that is not blocked, within the time of each rule', async () => {
    const office = new Office({ rules: [AUTH, { ...AUTH, name: 'slow', within: HOUR, limit: 30 }] });
    office.fixture.take(IP, [0, 9 * MINUTE]);
    const answer = await office.show(IP, 11 * MINUTE);
    expect(answer.block).to.equal(null);
    expect(answer.counts.map(({ rule, count }) => [rule, count])).to.deep.equal([
      ['auth', 1],
      ['slow', 2],
    ]);
  });

  it('has nothing for an unknown client', async () => {
    const answer = await new Office().show('198.51.100.1', 0);
    expect(answer).to.deep.include({ key: '198.51.100.1', block: null, watching: [], allowed: null });
    expect(answer.counts.map(({ count }) => count)).to.deep.equal([0]);
  });

  it('has a watched block until it ends', async () => {
    const office = new Office({ rules: [AUTH, WATCH] });
    office.fixture.take(IP, [0, 0]);
    const { block, watching } = await office.show(IP, 1);
    expect(block).to.equal(null);
    expect(watching.map(({ rule, enforced, text }) => [rule, enforced, text])).to.deep.equal([
      ['watch', false, 'No more logins.'],
    ]);
    expect((await office.show(IP, HOUR)).watching).to.deep.equal([]);
  });

  it('names the entry of the policy that allows a client', async () => {
    const office = new Office({ allow: ['192.0.2.0/24', '2001:db8::/32', 'mail.example.com'] });
    expect((await office.show(IP, 0)).allowed).to.deep.equal({
      entry: '192.0.2.0/24',
      until: null,
      by: null,
      reason: null,
    });
    expect((await office.show('2001:db8::1', 0)).allowed).to.include({ entry: '2001:db8::/32' });
    expect((await office.show('192.0.3.1', 0)).allowed).to.equal(null);
  });

  it('names the temporary allow entry that covers a client, with its end and who made it', async () => {
    const office = new Office();
    await office.done({ command: 'allow', ip: '192.0.2.0/24', duration: HOUR }, 5);
    expect((await office.show(IP, 6)).allowed).to.deep.equal({
      entry: '192.0.2.0/24',
      until: iso(HOUR + 5),
      by: 'alice',
      reason: 'ticket 4711',
    });
  });

  it('has the lines of the audit trail about the client and its key, newest last', async () => {
    const asked: [readonly string[], number][] = [];
    const entry = (sequence: number): AuditEntry => ({
      version: 1,
      sequence,
      written: iso(sequence),
      event: 'block',
      at: iso(sequence),
      ip: '2001:db8::/64',
    });
    const history = async (keys: readonly string[], most: number) => {
      asked.push([keys, most]);
      return [entry(9), entry(4)];
    };
    const answer = await new Office({}, { history }).show('2001:db8::5', 0);
    expect(asked).to.deep.equal([[['2001:db8::/64', '2001:db8::5'], 20]]);
    expect(answer.history).to.deep.equal([entry(4), entry(9)]);
  });

  it('takes an address as it is pasted from a log', async () => {
    const office = blockedOffice();
    for (const ip of [
      ' unknown[192.0.2.1] ',
      '[192.0.2.1]:25',
      '192.0.2.1:25',
      'mail.example.com[192.0.2.1]:',
    ])
      expect(blockOf(await office.show(ip, 1)), ip).to.include({ ip: IP });
    expect((await office.show('unknown[192.0.2.1]', 1)).ip).to.equal(IP);
    expect(await office.done({ command: 'unblock', ip: 'unknown[192.0.2.1]' }, 2)).to.deep.equal([
      `unblocked ${IP} auth`,
    ]);
    const block = { command: 'block', rule: 'auth', duration: HOUR } as const;
    expect(await office.done({ ...block, ip: 'IPv6:2001:db8::1' }, 3)).to.deep.equal([
      'blocked 2001:db8::/64 auth',
    ]);
    expect(await office.done({ command: 'allow', ip: '[192.0.2.0]/24', duration: HOUR }, 4)).to.deep.equal([
      'allowed 192.0.2.0/24',
    ]);
    expect(await office.done({ command: 'disallow', ip: ' 192.0.2.0/24 ' }, 5)).to.deep.equal([
      'disallowed 192.0.2.0/24',
    ]);
  });

  it('refuses text that is not an address', async () => {
    for (const ip of ['', 'example.com', '192.0.2', '192.0.2.256', '192.0.2.1/24', '2001:db8:::1']) {
      expect(await new Office().refusal({ command: 'show', ip }), ip).to.equal('bad-ip');
    }
    expect(await new Office().refusal({ command: 'show' })).to.equal('bad-request');
  });
});

describe('desk/desk: unblock', () => {
  const unblock = { command: 'unblock', ip: IP } as const;

  it('ends the block and reports who and why', async () => {
    const office = blockedOffice();
    expect(await office.done(unblock, 5)).to.deep.equal([`unblocked ${IP} auth`]);
    expect(office.fixture.refusing(IP, 5)).to.equal(undefined);
    expect(office.fixture.changes.at(-1)).to.deep.include({
      type: 'end',
      ip: IP,
      at: START + 5,
      since: START,
      reason: 'lifted',
      hand: { by: 'alice', why: 'ticket 4711' },
    });
  });

  it('starts from zero: two more abuses of three do not block again, the third does', async () => {
    const office = blockedOffice();
    await office.done(unblock, 5);
    office.fixture.take(IP, [6, 7]);
    expect(office.fixture.refusing(IP, 8)).to.equal(undefined);
    expect((await office.show(IP, 8)).counts.map(({ count }) => count)).to.deep.equal([2]);
    office.fixture.take(IP, [8]);
    expect(office.fixture.refusing(IP, 8)).to.equal('auth');
  });

  it('counts nothing up to that moment, also if it is read later', async () => {
    const office = blockedOffice();
    await office.done(unblock, 5);
    office.fixture.take(IP, [1, 2, 3, 4, 5, 5, 5]);
    expect(office.fixture.refusing(IP, 6)).to.equal(undefined);
    expect((await office.show(IP, 6)).counts.map(({ count }) => count)).to.deep.equal([0]);
    office.fixture.take(IP, [6, 6]);
    expect(office.fixture.refusing(IP, 6)).to.equal(undefined);
  });

  it('removes what other rules had counted of the client too', async () => {
    const rules = [AUTH, { ...AUTH, name: 'other', counts: ['rejected-recipient' as const] }];
    const office = new Office({ rules });
    office.fixture.take(IP, [-5, -5], 'rejected-recipient').take(IP, [0, 0, 0]);
    await office.done(unblock, 5);
    office.fixture.take(IP, [6, 7], 'rejected-recipient');
    expect(office.fixture.refusing(IP, 8)).to.equal(undefined);
  });

  it('ends a whole IPv6 network by any of its addresses, and by the network', async () => {
    for (const ip of ['2001:db8::99', '2001:db8::/64']) {
      const office = new Office();
      office.fixture.take('2001:db8::1', [0, 0, 0]);
      expect(await office.done({ command: 'unblock', ip }, 1)).to.deep.equal([
        'unblocked 2001:db8::/64 auth',
      ]);
      expect(office.fixture.refusing('2001:db8::1', 1)).to.equal(undefined);
    }
  });

  it('ends watched blocks too', async () => {
    const office = new Office({ rules: [{ ...AUTH, enforce: false }] });
    office.fixture.take(IP, [0, 0, 0]);
    expect(await office.done(unblock, 5)).to.deep.equal([`unblocked ${IP} auth`]);
    office.fixture.take(IP, [6, 7]);
    expect(await office.list(8, true)).to.deep.equal([]);
  });

  it('refuses a client that is not blocked, or no longer', async () => {
    const office = new Office();
    office.fixture.take(IP, [0, 0]);
    expect(await office.refusal(unblock, 1)).to.equal('not-blocked');
    expect((await office.show(IP, 1)).counts.map(({ count }) => count)).to.deep.equal([2]);
    expect(await blockedOffice().refusal(unblock, HOUR), 'over, and not noticed yet').to.equal('not-blocked');
  });

  it('demands a reason of some length, and an address', async () => {
    const office = blockedOffice();
    for (const reason of ['', '  ', 'x'.repeat(201)]) {
      expect(await office.refusal({ ...unblock, reason }, 5)).to.equal('bad-request');
    }
    expect(await office.refusal({ command: 'unblock', ip: 'nobody' }, 5)).to.equal('bad-ip');
    expect(office.fixture.refusing(IP, 5)).to.equal('auth');
  });

  it('reports what was done but could not be recorded', async () => {
    const flush = async () => {
      throw new Error('ENOSPC: no space left on device');
    };
    const office = blockedOffice({}, { flush });
    expect(await office.refusal(unblock, 5)).to.equal('not-recorded');
    expect(office.fixture.refusing(IP, 5)).to.equal(undefined);
  });

  it('answers only when it is recorded', async () => {
    let recorded: () => void = () => undefined;
    const flushed = new Promise<void>((resolve) => {
      recorded = resolve;
    });
    const order: string[] = [];
    const office = blockedOffice({}, { flush: () => flushed });
    const answer = office.done(unblock, 5).then(() => order.push('answered'));
    await Promise.resolve();
    order.push('recorded');
    recorded();
    await answer;
    expect(order).to.deep.equal(['recorded', 'answered']);
  });
});

describe('desk/desk: grace', () => {
  const grace = { command: 'unblock', ip: IP, duration: HOUR } as const;

  it('counts a client, and does not block it', async () => {
    const office = blockedOffice();
    expect(await office.done(grace, 5)).to.deep.equal([`unblocked ${IP} auth`, `grace ${IP}`]);
    office.fixture.take(IP, [6, 7, 8]);
    expect(office.fixture.refusing(IP, 10)).to.equal(undefined);
    const answer = await office.show(IP, 10);
    expect(answer.graceUntil).to.equal(iso(HOUR + 5));
    expect(answer.counts.map(({ count }) => count)).to.deep.equal([3]);
  });

  it('ends by itself: then the client is blocked again if it continues', async () => {
    const office = blockedOffice();
    await office.done(grace, 5);
    office.fixture.take(IP, [HOUR + 5, HOUR + 6]);
    expect(office.fixture.refusing(IP, HOUR + 6)).to.equal(undefined);
    office.fixture.take(IP, [HOUR + 7]);
    expect(office.fixture.refusing(IP, HOUR + 7)).to.equal('auth');
    expect((await office.show(IP, HOUR + 7)).graceUntil).to.equal(null);
  });

  it('can be given to a client that is not blocked, known or not', async () => {
    for (const seen of [[], [0]]) {
      const office = new Office();
      office.fixture.take(IP, seen);
      expect(await office.done(grace, 5)).to.deep.equal([`grace ${IP}`]);
      office.fixture.take(IP, [6, 7, 8]);
      expect(office.fixture.refusing(IP, 9)).to.equal(undefined);
    }
  });

  it('does not keep support from blocking by hand', async () => {
    const office = blockedOffice();
    await office.done(grace, 5);
    await office.done({ command: 'block', ip: IP, rule: 'auth', duration: MINUTE }, 6);
    expect(office.fixture.refusing(IP, 7)).to.equal('auth');
  });
});

describe('desk/desk: block', () => {
  const block = { command: 'block', ip: IP, rule: 'auth', duration: 2 * HOUR } as const;

  it('refuses the client with the text of the rule, for the requested time', async () => {
    const office = new Office();
    office.fixture.take(IP, [0, 0]);
    expect(await office.done(block, 5)).to.deep.equal([`blocked ${IP} auth`]);
    expect(office.fixture.refusing(IP, 2 * HOUR + 4)).to.equal('auth');
    expect(office.fixture.refusing(IP, 2 * HOUR + 5)).to.equal(undefined);
    const shown = blockOf(await office.show(IP, 6));
    expect(shown).to.include({ count: 0, by: 'alice', reason: 'ticket 4711', text: 'No more logins.' });
    expect(shown.counts).to.deep.equal({ 'auth-failure': 2 });
    expect(await office.list(6)).to.have.lengthOf(1);
  });

  it('holds for the whole network of an IPv6 client', async () => {
    const office = new Office();
    await office.done({ ...block, ip: '2001:db8::1' }, 0);
    expect(office.fixture.refusing('2001:db8::2', 1)).to.equal('auth');
  });

  it('expires like any other, with its counts at zero', async () => {
    const office = new Office();
    office.fixture.take(IP, [0, 0]);
    await office.done(block, 5);
    office.fixture.take(IP, [6, 7]).expire(2 * HOUR + 5);
    office.fixture.take(IP, [2 * HOUR + 6, 2 * HOUR + 7]);
    expect(office.fixture.reported.at(-1)).to.equal(`end ${IP} auth ${2 * HOUR + 5} expired`);
  });

  it('refuses a client that is blocked, but not one whose block has ended', async () => {
    expect(await blockedOffice().refusal(block, 5)).to.equal('already-blocked');
    const office = blockedOffice();
    expect((await office.show(IP, HOUR)).block).to.equal(null);
    expect(await office.done(block, HOUR)).to.deep.equal([`blocked ${IP} auth`]);
  });

  it('refuses an unknown rule and names those of the policy', async () => {
    const office = new Office();
    const error = await office.ask({ ...BY, ...block, rule: 'nope' }, 0).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(DeskError).and.to.include({ code: 'unknown-rule' });
    expect((error as Error).message)
      .to.contain('"nope"')
      .and.to.contain('auth');
  });

  it('refuses a client that is allowed: the block would not hold', async () => {
    expect(await new Office({ allow: ['192.0.2.0/24'] }).refusal(block)).to.equal('not-allowed');
    const office = new Office();
    await office.done({ command: 'allow', ip: IP, duration: HOUR }, 0);
    expect(await office.refusal(block, 1)).to.equal('not-allowed');
  });

  it('refuses an invalid address, a missing reason, and an invalid or unbounded duration', async () => {
    const office = new Office();
    expect(await office.refusal({ ...block, ip: '192.0.2.300' })).to.equal('bad-ip');
    expect(await office.refusal({ ...block, reason: '' })).to.equal('bad-request');
    for (const duration of [0, -1, 1e20]) {
      expect(await office.refusal({ ...block, duration }), String(duration)).to.equal('bad-request');
    }
    expect(office.fixture.refusing(IP, 1)).to.equal(undefined);
    expect(office.fixture.changes).to.deep.equal([]);
  });
});

describe('desk/desk: allow and disallow', () => {
  const allow = { command: 'allow', ip: '192.0.2.0/24', duration: HOUR } as const;
  const disallow = { command: 'disallow', ip: '192.0.2.0/24' } as const;

  it('ends blocks that it covers, and counts nothing until its end', async () => {
    const office = blockedOffice();
    expect(await office.done(allow, 5)).to.deep.equal(['allowed 192.0.2.0/24']);
    expect(office.fixture.refusing(IP, 5)).to.equal(undefined);
    expect(office.fixture.reported.at(-1)).to.equal(`end ${IP} auth 5 allow-listed`);
    office.fixture.take(IP, [6, 7, 8]);
    expect((await office.show(IP, 9)).counts.map(({ count }) => count)).to.deep.equal([0]);
  });

  it('expires at its end', async () => {
    const office = new Office();
    await office.done(allow, 0);
    office.fixture.expire(HOUR - 1);
    expect((await office.show(IP, HOUR - 1)).allowed).to.include({ entry: '192.0.2.0/24' });
    office.fixture.expire(HOUR);
    expect((await office.show(IP, HOUR)).allowed).to.equal(null);
    office.fixture.take(IP, [HOUR, HOUR, HOUR]);
    expect(office.fixture.refusing(IP, HOUR)).to.equal('auth');
  });

  it('ends when it is removed', async () => {
    const office = new Office();
    await office.done(allow, 0);
    expect(await office.done(disallow, 1)).to.deep.equal(['disallowed 192.0.2.0/24']);
    office.fixture.take(IP, [2, 3, 4]);
    expect(office.fixture.refusing(IP, 5)).to.equal('auth');
  });

  it('can be given again, with another end', async () => {
    const office = new Office();
    await office.done(allow, 0);
    await office.done({ ...allow, duration: 2 * HOUR }, 1);
    office.fixture.expire(HOUR);
    expect((await office.show(IP, HOUR)).allowed).to.include({ until: iso(2 * HOUR + 1) });
  });

  it('does not change the allow list of the policy', async () => {
    const office = new Office({ allow: ['192.0.2.0/24'] });
    expect(await office.refusal(disallow)).to.equal('not-allowed');
    expect((await office.show(IP, 0)).allowed).to.include({ entry: '192.0.2.0/24' });
  });

  it('refuses an invalid network, a missing reason, and an invalid or unbounded duration', async () => {
    const office = new Office();
    for (const ip of ['192.0.2.1/24', 'mail.example.com', '', '192.0.2.0/33'])
      expect(await office.refusal({ ...allow, ip }), ip).to.equal('bad-ip');
    expect(await office.refusal({ ...disallow, ip: 'x' })).to.equal('bad-ip');
    expect(await office.refusal({ ...allow, reason: ' ' })).to.equal('bad-request');
    for (const duration of [0, -1, 1e20]) {
      expect(await office.refusal({ ...allow, duration }), String(duration)).to.equal('bad-request');
    }
    expect((await office.show(IP, 1)).allowed).to.equal(null);
  });

  it('is bounded: the thousand-and-first entry is refused', async () => {
    const office = new Office();
    for (let i = 0; i < 1000; i++) await office.done({ ...allow, ip: `10.0.${i >> 8}.${i & 255}` }, 0);
    expect(await office.refusal(allow)).to.equal('too-many');
    expect(await office.done({ ...allow, ip: '10.0.0.0' }, 1), 'one that is there').to.have.lengthOf(1);
  });
});

describe('desk/desk: commands', () => {
  it('refuses a command that another part answers', async () => {
    expect(await new Office().refusal({ command: 'status' })).to.equal('bad-request');
  });
});
