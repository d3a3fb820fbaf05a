// find: what it finds of what is known, and that no verdict waits for it.

import { expect } from 'chai';
import { Blocks } from '../../src/blocks/blocks.ts';
import type { Detail } from '../../src/blocks/events/event.ts';
import type { ClientView, TableView } from '../../src/blocks/table/table-view.ts';
import { Desk } from '../../src/desk/desk.ts';
import type { FindAnswer } from '../../src/desk/find/answer.ts';
import { Turns } from '../../src/desk/find/turns.ts';
import { CONTROL_VERSION, DeskError } from '../../src/desk/protocol.ts';
import { type AuditEntry, auditEntry } from '../../src/state/audit.ts';
import { HOUR } from '../../src/values/duration.ts';
import { AUTH, BlocksFixture, eventOf, type Policy, START, termsOf } from '../blocks/blocks-fixture.ts';
import { CONTEXT } from './context.ts';

const HAND = { by: 'alice', why: 'ticket 4711' };
const LINE =
  'mx1 postfix/smtpd[1]: warning: mail.customer.example[192.0.2.1]: SASL LOGIN authentication failed';

/** A desk over blocks, and a trail of its own; times in ms after START. */
class Office {
  readonly fixture: BlocksFixture;
  readonly trail: AuditEntry[] = [];
  readonly desk: Desk;

  constructor(policy: Policy = {}, turns = CONTEXT.turns) {
    this.fixture = new BlocksFixture(policy);
    this.desk = new Desk(this.fixture.blocks, {
      ...CONTEXT,
      turns,
      searchTrail: async ({ isWanted, take }) => {
        for (const entry of this.trail) if (isWanted(JSON.stringify(entry))) take(entry);
        return undefined;
      },
    });
  }

  get blocks(): Blocks {
    return this.fixture.blocks;
  }

  /** Failed logins with what the log says of each. */
  fail(address: string, times: readonly number[], detail: Partial<Detail>): this {
    for (const time of times)
      this.blocks.take({ ...eventOf(address, time), detail: () => ({ line: LINE, ...detail }) });
    return this;
  }

  refuse(address: string, time: number, detail: Partial<Detail>): this {
    const { kind: _, class: __, ...moment } = eventOf(address, time);
    this.blocks.take({ ...moment, kind: 'refusal', detail: () => ({ line: '', ...detail }) });
    return this;
  }

  async find(text: string, limit?: number, time = 1000): Promise<FindAnswer> {
    const request = { version: CONTROL_VERSION, command: 'find', text, ...(limit && { limit }) } as const;
    return (await this.desk.answer(request, START + time)) as FindAnswer;
  }

  /** Each client found as `192.0.2.1 blocked 3 evidence user bob`. */
  async found(text: string, limit?: number, time?: number): Promise<string[]> {
    const { found } = await this.find(text, limit, time);
    return found.map(({ ip, state, matches, newest }) =>
      [ip, state, matches, newest.place, newest.event ?? [], newest.field, newest.text].flat().join(' '),
    );
  }
}

describe('desk/finder: what it finds', () => {
  it('is a SASL user, a sender, a recipient, a HELO name and a client name, of blocks and of clients near one', async () => {
    const office = new Office()
      .fail('192.0.2.1', [-2, -1, 0], { user: 'Bob@customer.example' })
      .fail('192.0.2.2', [5], { user: 'alice' })
      .refuse('192.0.2.1', 10, {
        stage: 'RCPT',
        sender: 'shop@sender.example',
        recipient: 'anna@example.com',
        helo: 'laptop.local',
      });
    const mail = '192.0.2.1 blocked 1 refused-mail';
    expect(await office.found('bob@CUSTOMER')).to.deep.equal([
      '192.0.2.1 blocked 3 evidence user Bob@customer.example',
    ]);
    expect(await office.found('alice')).to.deep.equal(['192.0.2.2 none 1 evidence user alice']);
    expect(await office.found('shop@')).to.deep.equal([`${mail} sender shop@sender.example`]);
    expect(await office.found('anna@example.com')).to.deep.equal([`${mail} recipient anna@example.com`]);
    expect(await office.found('laptop')).to.deep.equal([`${mail} helo laptop.local`]);
    expect(await office.found('mail.customer')).to.deep.equal([
      '192.0.2.2 none 1 evidence name mail.customer.example',
      '192.0.2.1 blocked 3 evidence name mail.customer.example',
    ]);
    expect(await office.found('nobody')).to.deep.equal([]);
  });

  it('is the reason of a manual action, and who did it, also of the audit trail', async () => {
    const office = new Office();
    office.blocks.impose('192.0.2.1', 'auth', START, START + HOUR, HAND);
    office.blocks.allow({ entry: '198.51.100.0/24', at: START, until: START + HOUR, hand: HAND });
    const end = {
      type: 'end',
      ip: '192.0.2.9',
      rule: 'auth',
      at: START - HOUR,
      since: START - 2 * HOUR,
    } as const;
    office.trail.push(
      auditEntry({ ...end, reason: 'lifted', refused: 0, enforced: true, hand: HAND }, 1, START),
      auditEntry(
        { ...end, ip: '192.0.2.8', reason: 'expired', refused: 0, enforced: true, hand: undefined },
        2,
        START,
      ),
    );
    for (const [text, field] of [
      ['TICKET 4711', 'reason ticket 4711'],
      ['alice', 'by alice'],
    ] as const)
      expect(await office.found(text)).to.have.members([
        `192.0.2.1 blocked 1 block ${field}`,
        `198.51.100.0/24 allowed 1 allow-entry ${field}`,
        `192.0.2.9 none 1 audit-trail end ${field}`,
      ]);
  });

  it('is every client of a network of which more than a count is known', async () => {
    const watch = { ...AUTH, name: 'watch', limit: 2, counts: ['probe'] as const, enforce: false };
    const office = new Office({ rules: [AUTH, watch] })
      .fail('192.0.2.1', [-2, -1, 0], { user: 'bob' })
      .fail('192.0.3.1', [-2, -1, 0], { user: 'bob' })
      .fail('192.0.2.2', [5], {});
    office.fixture.take('192.0.2.3', [6, 7], 'vrfy').take('192.0.2.4', [8, 9], 'dropped-connection');
    office.blocks.lift('192.0.2.5', START + 20, HAND, START + HOUR);
    office.blocks.impose('2001:db8:1:2::7', 'auth', START + 30, START + HOUR, HAND);
    expect(await office.found('192.0.2.0/24')).to.deep.equal([
      '192.0.2.5 grace 1 grace ip 192.0.2.5',
      '192.0.2.3 watched 1 watched-block ip 192.0.2.3',
      '192.0.2.2 none 1 evidence name mail.customer.example',
      '192.0.2.1 blocked 4 block ip 192.0.2.1',
    ]);
    expect(await office.found(' unknown[192.0.2.1]:25 ')).to.deep.equal([
      '192.0.2.1 blocked 4 block ip 192.0.2.1',
    ]);
    for (const text of ['2001:db8::/32', '2001:db8:1:2::99', '2001:db8:1'])
      expect(await office.found(text), text).to.deep.equal([
        '2001:db8:1:2::/64 blocked 1 block ip 2001:db8:1:2::/64',
      ]);
  });

  it('is what an address or a network has in common with allow entries and the audit trail', async () => {
    const office = new Office();
    office.blocks.allow({ entry: '198.51.100.0/24', at: START, until: START + HOUR, hand: HAND });
    const allow = { type: 'allow', at: START - HOUR, until: START, hand: HAND } as const;
    office.trail.push(auditEntry({ ...allow, ip: '198.51.0.0/16' }, 1, START));
    for (const text of ['198.51.100.7', '198.51.100.0/25'])
      expect(await office.found(text)).to.deep.equal([
        '198.51.100.0/24 allowed 1 allow-entry ip 198.51.100.0/24',
        '198.51.0.0/16 none 1 audit-trail allow ip 198.51.0.0/16',
      ]);
    expect(await office.found('198.52.0.0/16')).to.deep.equal([]);
  });

  it('is what show answers for a network of many clients, and for that of one client the client', async () => {
    const office = new Office().fail('192.0.2.1', [-2, -1, 0], { user: 'bob' });
    office.blocks.impose('2001:db8:1:2::7', 'auth', START, START + HOUR, HAND);
    const show = async (ip: string) =>
      await office.desk.answer({ version: CONTROL_VERSION, command: 'show', ip }, START + 1);
    expect(await show('[192.0.2.0]/24')).to.include({ sought: '192.0.2.0/24', isNetwork: true });
    expect(await show('2001:db8:1::/48')).to.have.nested.property('found[0].ip', '2001:db8:1:2::/64');
    expect(await show('2001:db8:1:2::/64')).to.include({ key: '2001:db8:1:2::/64' });
    expect(await show('192.0.2.1/32')).to.include({ key: '192.0.2.1' });
    for (const command of ['block', 'unblock'] as const)
      for (const ip of ['192.0.2.0/24', '64:ff9b::/96', '64:ff9b::c000:200/120', '64:ff9b::/64']) {
        const request = { version: CONTROL_VERSION, command, ip, rule: 'auth', ...HAND };
        const answer = office.desk.answer({ ...request, reason: 'r', duration: 9 }, START);
        const error = await answer.catch((e) => e);
        expect(error, ip).to.be.instanceOf(DeskError).and.to.include({ code: 'bad-ip' });
      }
  });

  it('does not name a client after what its message says', async () => {
    const office = new Office({ rules: [{ ...AUTH, counts: ['rejected-message'] }] });
    const line =
      'mx1 postfix/cleanup[1]: 4F1B2A3C4D: reject: header Subject: from mail.bank.example[192.0.2.1] from unknown[192.0.2.1]; from=<> to=<a@example.net>';
    office.blocks.take({ ...eventOf('192.0.2.1', 0, 'content'), detail: () => ({ line }) });
    expect(await office.found('bank.example')).to.deep.equal([]);
    expect(await office.found('192.0.2.1')).to.deep.equal(['192.0.2.1 none 1 evidence ip 192.0.2.1']);
  });

  it('comes newest first, up to the limit, and says that there is more', async () => {
    const office = new Office();
    for (let i = 0; i < 250; i++) office.fail(`192.0.2.${i}`, [i], { user: 'bob' });
    const all = await office.find('bob');
    expect(all.found.length).to.equal(100);
    expect(all).to.include({ isMore: true });
    expect(all.found[0]?.ip).to.equal('192.0.2.249');
    expect(all.found[99]?.ip).to.equal('192.0.2.150');
    expect(await office.find('bob', 250))
      .to.include({ isMore: false })
      .and.have.property('found')
      .lengthOf(250);
    expect(await office.found('bob', 1)).to.deep.equal(['192.0.2.249 none 1 evidence user bob']);
  });

  it('refuses a text that is too short or too long, and a limit that is none', async () => {
    const office = new Office();
    for (const [text, limit] of [
      ['ab'],
      ['x'.repeat(300)],
      [''],
      ['bob', 1001],
      ['bob', 1.5],
      ['bob', -1],
    ] as const)
      expect(await office.find(text, limit).catch((error) => error), text)
        .to.be.instanceOf(DeskError)
        .and.to.include({ code: 'bad-request' });
  });
});

describe('desk/finder: its steps', () => {
  const CLIENTS = 100_000;
  const STEP = 1000;

  /** Blocks whose table reports each client that is searched. */
  function watched(onClient: (client: ClientView, isPinned: boolean) => void): Blocks {
    const blocks = new Blocks(termsOf({ maxTracked: 1_000_000 }), () => undefined);
    const table = blocks.table as { -readonly [Name in keyof TableView]: TableView[Name] };
    const search = table.search.bind(table);
    table.search = function* (isPinned) {
      for (const client of search(isPinned)) {
        onClient(client, isPinned);
        yield client;
      }
    };
    return blocks;
  }

  function block(blocks: Blocks, number: number): void {
    const ip = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
    blocks.impose(ip, 'auth', START, START + HOUR, HAND);
  }

  it('are short: with 100,000 blocks, a verdict may come after each 1,000 clients', async () => {
    let [seen, longest, steps] = [0, 0, 0];
    const blocks = watched(() => seen++);
    for (let i = 0; i < CLIENTS; i++) block(blocks, i);
    const turns = new Turns(
      () => 0,
      async () => {
        longest = Math.max(longest, seen);
        seen = 0;
        steps++;
        // The table changes between the steps: clients come, and leave.
        block(blocks, CLIENTS + steps);
        blocks.lift(`10.0.0.${steps % 256}`, START + 1, HAND, undefined);
      },
    );
    const desk = new Desk(blocks, { ...CONTEXT, turns });
    const request = { version: CONTROL_VERSION, command: 'find', text: 'ticket', limit: 1000 } as const;
    const { found, isMore, leftOut } = (await desk.answer(request, START + 1)) as FindAnswer;
    expect(longest).to.be.at.most(STEP + 1);
    expect(steps).to.be.at.least((2 * CLIENTS) / STEP - 2);
    expect(found.length).to.equal(1000);
    expect({ isMore, leftOut }).to.deep.equal({ isMore: true, leftOut: [] });
  });

  it('are short with megabytes of evidence too: a step has that of one client beyond its share', async () => {
    let [bytes, longest, most] = [0, 0, 0];
    const blocks = watched(({ noteBytes }, isPinned) => {
      // Where all clients are searched, those that are blocked are passed over.
      if (isPinned) bytes += noteBytes;
      most = Math.max(most, noteBytes);
    });
    const text = `${'\u0107'.repeat(150)}bob${'\x1b'.repeat(100)}`;
    const detail = () => ({ user: text, sender: text, recipient: text, helo: text, line: text.repeat(5) });
    for (let i = 0; i < 1000; i++)
      for (let n = 0; n < 3; n++) blocks.take({ ...eventOf(`10.9.${i >> 8}.${i & 255}`, n), detail });
    expect(blocks.table.noteBytes).to.be.above(10 << 20);
    const turns = new Turns(
      () => 0,
      async () => {
        longest = Math.max(longest, bytes);
        bytes = 0;
      },
    );
    const desk = new Desk(blocks, { ...CONTEXT, turns });
    const request = { version: CONTROL_VERSION, command: 'find', text: 'BOB' } as const;
    expect(((await desk.answer(request, START + 1)) as FindAnswer).found.length).to.equal(100);
    // The client that ends a step, and the one that begins the next.
    expect(Math.max(longest, bytes)).to.be.at.most(64 * STEP + 2 * most);
  });

  it('end when the time is over, with what was found until then', async () => {
    let now = 0;
    const blocks = watched(() => undefined);
    for (let i = 0; i < 10_000; i++) block(blocks, i);
    const turns = new Turns(
      () => now,
      async () => {
        now += 700;
      },
    );
    const searchTrail: typeof CONTEXT.searchTrail = async ({ next }) => ((await next()) ? undefined : 'time');
    const desk = new Desk(blocks, { ...CONTEXT, turns, searchTrail });
    const request = { version: CONTROL_VERSION, command: 'find', text: 'alice' } as const;
    const { found, leftOut } = (await desk.answer(request, START + 1)) as FindAnswer;
    expect(found.length).to.equal(100);
    expect(leftOut).to.deep.equal([
      { what: 'clients', why: 'time' },
      { what: 'audit-trail', why: 'time' },
    ]);
  });
});
