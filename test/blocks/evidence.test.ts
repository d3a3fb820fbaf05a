// What is kept for support: the events that led to a block, and the mails that it cost; bounded, near limits only.

import { expect } from 'chai';
import { Blocks } from '../../src/blocks/blocks.ts';
import type { Change } from '../../src/blocks/changes.ts';
import type { Detail, Kind } from '../../src/blocks/events/event.ts';
import { type Rule, RuleSet } from '../../src/blocks/rules.ts';
import type { Evidence, RefusedMail } from '../../src/blocks/table/block.ts';
import { evidenceIn, mailsIn } from '../../src/blocks/table/note-forms.ts';
import type { BlockView, ClientView } from '../../src/blocks/table/table-view.ts';
import { parseRecord, recordLine } from '../../src/state/snapshot/client-line.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, START, termsOf } from './blocks-fixture.ts';

const IP = '192.0.2.1';
const RCPT: Rule = { ...AUTH, name: 'rcpt', counts: ['rejected-recipient'] };

function iso(time: number): string {
  return new Date(START + time).toISOString();
}

/** Blocks whose events and refusals carry detail, and how often that was worked out. */
class Detailed {
  readonly changes: Change[] = [];
  readonly blocks: Blocks;
  evaluated = 0;

  constructor(rules: readonly Rule[] = [AUTH], maxTracked = 1000) {
    const terms = { ...termsOf({ maxTracked }), rules: new RuleSet(rules) };
    this.blocks = new Blocks(terms, (change) => this.changes.push(change));
  }

  /** One event at each time; its line is `KIND TIME`. */
  take(times: readonly number[], kind: Kind = 'auth-failure', address = IP): this {
    for (const time of times) {
      const detail = () => this.#worked({ line: `${kind} ${time}` });
      this.blocks.take({ kind, address, at: START + time, detail });
    }
    return this;
  }

  refuse(time: number, detail: Partial<Detail> = {}, address = IP): this {
    const whole = { stage: 'RCPT', reply: '554 no', line: `refused at ${time}`, ...detail };
    this.blocks.take({ kind: 'refusal', address, at: START + time, detail: () => whole });
    return this;
  }

  get record(): ClientView {
    const record = this.blocks.table.get(IP);
    if (record === undefined) throw new Error('no record');
    return record;
  }

  get block(): BlockView {
    const { block } = this.record;
    if (block === undefined) throw new Error('no block');
    return block;
  }

  get lines(): string[] {
    return this.evidence.map(({ line }) => line);
  }

  get evidence(): Evidence[] {
    return evidenceIn(this.block.evidence);
  }

  get mails(): RefusedMail[] {
    return mailsIn(this.block.mails);
  }

  #worked(detail: Detail): Detail {
    this.evaluated++;
    return detail;
  }
}

function upTo(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

/** The client as a snapshot gives it back. */
function again({ record, blocks }: Detailed): ClientView | undefined {
  const line = recordLine(record);
  expect(line).not.to.contain('\n');
  const { key, state } = parseRecord(line, 2);
  const back = new Detailed(blocks.terms.rules.rules);
  back.blocks.loading.client(key, state);
  return back.blocks.table.get(key);
}

describe('blocks/evidence: events', () => {
  it('stand with the block in their order, each with its time, kind and detail', () => {
    const { evidence } = new Detailed().take([1, 2, 3]);
    expect(evidence).to.deep.equal(
      [1, 2, 3].map((time) => ({ at: iso(time), kind: 'auth-failure', line: `auth-failure ${time}` })),
    );
  });

  it('are kept only near a limit: a client far from one costs nothing', () => {
    const fixture = new Detailed([{ ...AUTH, limit: 100 }]).take(upTo(80));
    expect(fixture.evaluated).to.equal(0);
    expect(fixture.record.evidence).to.equal(undefined);
    fixture.take(upTo(19, 80));
    expect(fixture.record.evidence).to.have.property('size', 10);
  });

  it('are the newest ten, also where the limit is large', () => {
    const fixture = new Detailed([{ ...AUTH, limit: 100 }]).take(upTo(100));
    expect(fixture.lines).to.deep.equal(upTo(10, 90).map((time) => `auth-failure ${time}`));
    expect(fixture.evaluated).to.be.at.most(12);
  });

  it('are of the kinds that the rule counts', () => {
    const fixture = new Detailed([AUTH, RCPT]).take([1, 2], 'rejected-recipient').take([3, 4, 5]);
    expect(fixture.lines).to.deep.equal(['auth-failure 3', 'auth-failure 4', 'auth-failure 5']);
    expect(fixture.block.counts).to.deep.equal({ 'rejected-recipient': 2, 'auth-failure': 3 });
  });

  it('are not driven out by events of other kinds', () => {
    const rules = [AUTH, RCPT].map((rule) => ({ ...rule, limit: 30 }));
    const fixture = new Detailed(rules).take(upTo(29)).take(upTo(29, 100), 'rejected-recipient').take([200]);
    expect(fixture.lines).to.deep.equal([...upTo(9, 20), 200].map((time) => `auth-failure ${time}`));
  });

  it('are those that filled the window, and none from before it', () => {
    const minutes = [0, 10, 18, 19].map((minute) => minute * MINUTE);
    const fixture = new Detailed().take(minutes);
    expect(fixture.lines).to.deep.equal(minutes.slice(1).map((time) => `auth-failure ${time}`));
  });

  it('of the block before are not those of the next', () => {
    const fixture = new Detailed().take([1, 2, 3]);
    fixture.blocks.expire(START + 3 + HOUR);
    fixture.take([HOUR + 4, HOUR + 5, HOUR + 6]);
    expect(fixture.lines).to.deep.equal([4, 5, 6].map((time) => `auth-failure ${HOUR + time}`));
  });

  it('do not come back after support has lifted the block', () => {
    const fixture = new Detailed().take([1, 2, 3]);
    fixture.blocks.lift(IP, START + 5, { by: 'alice', why: 'ticket 4711' }, undefined);
    fixture.take([6, 7, 8]);
    expect(fixture.lines).to.deep.equal(['auth-failure 6', 'auth-failure 7', 'auth-failure 8']);
  });

  it('stand with a watched block too', () => {
    const fixture = new Detailed([{ ...AUTH, enforce: false }]).take([1, 2, 3]);
    expect(fixture.record.watches?.[0]?.evidence).to.have.property('size', 3);
  });
});

describe('blocks/evidence: mails', () => {
  it('stand with the block, without the reply and the line, which are the same for all', () => {
    const fixture = new Detailed()
      .take([1, 2, 3])
      .refuse(5, { sender: 'a@b.example', recipient: 'c@d.example' });
    expect(fixture.mails).to.deep.equal([
      { at: iso(5), stage: 'RCPT', sender: 'a@b.example', recipient: 'c@d.example' },
    ]);
  });

  it('are the newest fifty, while every refusal is counted', () => {
    const fixture = new Detailed().take([1, 2, 3]);
    for (const time of upTo(60, 10)) fixture.refuse(time, { recipient: `r${time}@d.example` });
    expect(fixture.mails.map(({ recipient }) => recipient)).to.deep.equal(
      upTo(50, 20).map((time) => `r${time}@d.example`),
    );
    expect(fixture.block).to.include({ refused: 60, firstRefused: START + 10, lastRefused: START + 69 });
  });

  it('are distinct, while every refusal is counted', () => {
    const fixture = new Detailed().take([1, 2, 3]);
    for (const recipient of ['a', 'b', 'a', 'b']) fixture.refuse(5, { recipient });
    expect(fixture.mails.map(({ recipient }) => recipient)).to.deep.equal(['a', 'b']);
    expect(fixture.block.refused).to.equal(4);
  });

  it('are told as they happen, each refusal with its own', () => {
    const fixture = new Detailed().take([1, 2, 3]);
    for (const recipient of ['a', 'b', 'a']) fixture.refuse(5, { recipient });
    const told = fixture.changes.flatMap((change) =>
      change.type === 'refused' ? [change.mail?.recipient] : [],
    );
    expect(told).to.deep.equal(['a', 'b', 'a']);
  });
});

describe('blocks/evidence: in the snapshot', () => {
  it('is kept of a block, with its mails, counts and hand', () => {
    const fixture = new Detailed([AUTH, RCPT]).take([0], 'rejected-recipient').take([1, 2, 3]);
    fixture.refuse(5, { sender: '"quoted \\ \u2028\n"@b.example', recipient: 'jürgen@d.example', user: '' });
    expect(again(fixture)?.block).to.deep.equal(fixture.block);
  });

  it('is kept of a block by hand', () => {
    const fixture = new Detailed();
    fixture.blocks.impose(IP, 'auth', START, START + HOUR, { by: 'alice', why: '"ticket"\n4711' });
    expect(again(fixture)?.block?.hand).to.deep.equal({ by: 'alice', why: '"ticket"\n4711' });
  });

  it('is kept of a client near a limit, so that its block tells it all the same', () => {
    const fixture = new Detailed().take([1, 2]);
    const record = again(fixture);
    expect(record?.evidence).to.deep.equal(fixture.record.evidence).and.to.have.property('size', 2);
  });

  it('is kept of a watched block, and of a grace', () => {
    const fixture = new Detailed([{ ...AUTH, enforce: false }]).take([1, 2, 3]);
    fixture.blocks.lift(IP, START + 5, { by: 'alice', why: 'x' }, START + HOUR);
    const record = again(fixture);
    expect(record?.watches).to.deep.equal(fixture.record.watches);
    expect(record?.grace).to.equal(START + HOUR);
  });
});

describe('blocks/evidence: the name of a client, and its newest abuse', () => {
  const events = (fixture: Detailed, times: readonly number[], name?: string) => {
    for (const time of times)
      fixture.blocks.take({ kind: 'auth-failure', address: IP, at: START + time, ...(name && { name }) });
  };

  it('its block has the name of the event that started it, also in a snapshot', () => {
    const fixture = new Detailed();
    events(fixture, [1, 2], 'first.example.org');
    events(fixture, [3], 'mail.example.org');
    expect(fixture.record.block?.name).to.equal('mail.example.org');
    expect(again(fixture)?.block?.name).to.equal('mail.example.org');
  });

  it('its block has the name of a refused mail where none was known before', () => {
    const fixture = new Detailed();
    events(fixture, [1, 2, 3]);
    expect(fixture.record.block).to.not.have.property('name');
    for (const name of ['mail.example.org', 'other.example.org'])
      fixture.blocks.take({ kind: 'refusal', address: IP, at: START + 4, name });
    expect(fixture.record.block?.name).to.equal('mail.example.org');
  });

  it('abuse of a blocked client is remembered by its newest time, in whatever order it is read', () => {
    const fixture = new Detailed();
    events(fixture, [1, 2, 3]);
    expect(fixture.record.block).to.not.have.property('lastAbuse');
    events(fixture, [9, 7, 2]);
    expect(fixture.record.block?.lastAbuse).to.equal(START + 9);
    expect(fixture.record.events).to.deep.equal([]);
    expect(again(fixture)?.block?.lastAbuse).to.equal(START + 9);
  });
});

describe('blocks/evidence: bounds', () => {
  const near = { ...AUTH, limit: 10 };
  const addresses = (count: number) => upTo(count).map((i) => `198.51.100.${i}`);

  it('evidence and mails take the place of no client', () => {
    const fixture = new Detailed([near], 100);
    fixture.take(upTo(10));
    for (const time of upTo(50, 10)) fixture.refuse(time, { recipient: `r${time}@d.example` });
    for (const address of addresses(95)) fixture.take(upTo(9), 'auth-failure', address);
    expect(fixture.mails).to.have.lengthOf(50);
    expect(fixture.evidence).to.have.lengthOf(10);
    expect(fixture.blocks.table.size).to.equal(96);
    for (const address of addresses(95))
      expect(fixture.blocks.table.get(address)?.evidence?.size).to.equal(9);
  });

  it('have a room of their own: who has the most loses the oldest, and every refusal is counted', () => {
    const fixture = new Detailed([AUTH], 1000);
    for (const address of [IP, ...addresses(99)]) fixture.take([1, 2, 3], 'auth-failure', address);
    fixture.refuse(5, { recipient: 'the only one' });
    const long = 'x'.repeat(1000);
    for (const time of upTo(50, 10))
      for (const address of addresses(99)) fixture.refuse(time, { recipient: `${time}${long}` }, address);
    const { notesEvicted, noteBytes } = fixture.blocks.table;
    expect(notesEvicted).to.be.above(100);
    expect(noteBytes).to.be.within(4e6, 4.2e6);
    expect(fixture.mails.map(({ recipient }) => recipient)).to.deep.equal(['the only one']);
    expect(fixture.evidence).to.have.lengthOf(3);
    for (const address of addresses(99)) {
      const block = fixture.blocks.table.get(address)?.block;
      expect(block?.refused).to.equal(50);
      expect(block?.mails?.size).to.be.within(35, 45);
    }
  });

  it('of watched blocks that follow each other do not pile up', () => {
    const fixture = new Detailed([{ ...AUTH, enforce: false }]);
    for (let hour = 0; hour < 9; hour += 2) fixture.take(upTo(3, hour * HOUR));
    expect(fixture.record.watches).to.have.lengthOf(1);
    expect(fixture.blocks.table.noteBytes).to.equal(fixture.record.noteBytes);
  });

  it('have room again when blocks end', () => {
    const fixture = new Detailed([AUTH], 1000).take([1, 2, 3]);
    for (const time of upTo(50, 20)) fixture.refuse(time);
    fixture.blocks.expire(START + 2 * HOUR);
    expect(fixture.blocks.table.noteBytes).to.equal(0);
  });
});
