// What another host asks this one: it gets what only this host knows, and cannot make this one work much.

import { expect } from 'chai';
import { Desk } from '../../src/desk/desk.ts';
import type { FoundByHost } from '../../src/desk/find/answer.ts';
import { Turns } from '../../src/desk/find/turns.ts';
import { BlocksFixture, eventOf, START } from '../blocks/blocks-fixture.ts';
import { CONTEXT } from './context.ts';

const LINE = 'mx1 postfix/smtpd[1]: warning: unknown[192.0.2.1]: SASL LOGIN authentication failed';
const HAND = { by: 'alice', why: 'bob called' };
type Found = Omit<FoundByHost, 'host'>;

function never(): never {
  throw new Error('no file is read for another host');
}

/** A desk whose searches go on when the test says so. */
class AskedDesk {
  readonly fixture = new BlocksFixture({});
  readonly waiting: (() => void)[] = [];
  readonly desk: Desk;
  clock = 0;

  constructor(pause?: () => Promise<void>) {
    const turns = new Turns(() => this.clock, pause ?? (async () => undefined));
    this.desk = new Desk(this.fixture.blocks, { ...CONTEXT, turns, searchTrail: never, history: never });
  }

  fail(address: string, times: readonly number[], user = 'bob'): this {
    for (const time of times)
      this.fixture.blocks.take({ ...eventOf(address, time), detail: () => ({ line: LINE, user }) });
    return this;
  }

  async ask(question: unknown, time = 1000): Promise<unknown> {
    return await this.desk.answerHost(question, START + time);
  }
}

describe('desk/host-questions: the answer', () => {
  it('to show is what this host has seen', async () => {
    const asked = new AskedDesk().fail('192.0.2.1', [1, 2]);
    const seen = (await asked.ask({ ip: '192.0.2.1' })) as { evidence: unknown[] };
    expect(seen).to.include.keys('counts', 'refused', 'evidence', 'mails');
    expect(seen.evidence).not.to.have.length(0);
  });

  it('to find has evidence, and nothing that all hosts know', async () => {
    const asked = new AskedDesk().fail('192.0.2.1', [1, 2, 3]).fail('192.0.2.2', [1, 2], 'alice');
    asked.fixture.blocks.impose('192.0.2.9', 'auth-failures', START, START + 10_000, HAND);
    const { found, isMore, isComplete } = (await asked.ask({ find: 'bob', limit: 10 })) as Found;
    expect(found.map(({ ip, state, newest }) => [ip, state, newest.place, newest.text])).to.deep.equal([
      ['192.0.2.1', 'blocked', 'evidence', 'bob'],
    ]);
    expect([isMore, isComplete]).to.deep.equal([false, true]);
    const whole = (await asked.ask({ find: '192.0.2.0/24', limit: 10 })) as Found;
    expect(whole.found.map(({ ip }) => ip).sort()).to.deep.equal(['192.0.2.1', '192.0.2.2']);
  });

  it('to find has no more clients than are asked for', async () => {
    const asked = new AskedDesk();
    for (let i = 1; i <= 5; i++) asked.fail(`192.0.2.${i}`, [i, i + 1]);
    const answer = (await asked.ask({ find: 'bob', limit: 2 })) as Found;
    expect(answer.found).to.have.length(2);
    expect(answer.isMore).to.equal(true);
  });

  for (const question of [undefined, 'text', {}, { find: 'x' }, { find: 7 }, { find: 'x'.repeat(1000) }])
    it(`is none to ${JSON.stringify(question)?.slice(0, 30)}`, async () => {
      expect(await new AskedDesk().ask(question)).to.equal(undefined);
    });
});

describe('desk/host-questions: the work', () => {
  it('ends with the questions of a while, and begins again when time has passed', async () => {
    const asked = new AskedDesk();
    let answered = 0;
    while ((await asked.ask({ find: 'nobody', limit: 1 })) !== undefined) answered++;
    expect(answered).to.be.within(100, 3000);
    expect(await asked.ask({ ip: '192.0.2.1' })).to.equal(undefined);
    // The clock is set back: no work is gained by it.
    expect(await asked.ask({ ip: '192.0.2.1' }, -5000)).to.equal(undefined);
    answered = 0;
    while ((await asked.ask({ find: 'nobody', limit: 1 }, -4000)) !== undefined) answered++;
    expect(answered).to.be.within(10, 200);
  });

  it('is that of few searches at once', async () => {
    const waiting: (() => void)[] = [];
    const asked = new AskedDesk(() => new Promise<void>((resolve) => waiting.push(resolve)));
    for (let i = 0; i < 2500; i++) asked.fail(`198.51.${i >> 8}.${i & 255}`, [1]);
    const searches = Array.from({ length: 20 }, () => asked.ask({ find: 'nobody', limit: 1 }));
    asked.clock = 600;
    const all = Promise.all(searches);
    for (let isDone = false; !isDone; waiting.shift()?.())
      isDone = await Promise.race([
        all.then(() => true),
        new Promise<false>((resolve) => setImmediate(resolve, false)),
      ]);
    const answers = (await all) as readonly (Found | undefined)[];
    expect(answers.filter((answer) => answer !== undefined)).to.have.length(4);
    // Their time is over.
    expect(answers[0]?.isComplete).to.equal(false);
  });
});
