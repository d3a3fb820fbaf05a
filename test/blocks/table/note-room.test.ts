// The room for notes: a bound on all of them together, and who gives where there are too many.

import { expect } from 'chai';
import fc from 'fast-check';
import type { Block } from '../../../src/blocks/table/block.ts';
import { mailsIn } from '../../../src/blocks/table/note-forms.ts';
import type { ClientRecord } from '../../../src/blocks/table/record.ts';
import { Table } from '../../../src/blocks/table/table.ts';
import { START } from '../blocks-fixture.ts';

const blockAt = (since: number): Block => ({
  rule: 'r',
  since,
  until: since + 1000,
  count: 3,
  refused: 0,
  firstRefused: 0,
  lastRefused: 0,
});

/** Does to one client's record what Blocks does. */
function change(table: Table, key: string, how: (record: ClientRecord) => void): void {
  table.update(table.getOrAdd(key), how);
}

function event(table: Table, key: string, at: number, text = '{"line":"x"}'): void {
  change(table, key, (record) => {
    record.events = [...record.events, (START + at) * 32];
    record.evidence ??= table.notes.newNotes();
    record.evidence.add({ at: START + at, code: 0, text });
  });
}

/** The client is blocked with the evidence that there is of it. */
function block(table: Table, key: string, at: number): void {
  change(table, key, (record) => {
    const evidence = record.evidence?.copy(10, () => true);
    record.block = { ...blockAt(START + at), ...(evidence === undefined ? {} : { evidence }) };
    record.events = [];
    record.evidence = undefined;
  });
}

function mail(table: Table, key: string, at: number): void {
  change(table, key, ({ block: known }) => {
    if (known === undefined) return;
    known.refused++;
    known.mails ??= table.notes.newNotes();
    known.mails.add({ at: START + at, code: 0, text: '{"stage":"RCPT"}' });
  });
}

/** Numbers of evidence and mails kept of a client. */
function kept(table: Table, key: string): [number, number] {
  const record = table.get(key);
  return [(record?.block?.evidence ?? record?.evidence)?.size ?? 0, record?.block?.mails?.size ?? 0];
}

const CELL = 64;

describe('blocks/table/note-room', () => {
  it('lets those give first who have the most, so that a client with one lost mail keeps it', () => {
    const table = new Table(1000, 40 * CELL);
    for (const key of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) block(table, key, 0);
    mail(table, '192.0.2.1', 1);
    for (let i = 0; i < 500; i++) mail(table, `192.0.2.${2 + (i % 2)}`, 2 + i);
    expect(kept(table, '192.0.2.1')).to.deep.equal([0, 1]);
    for (const key of ['192.0.2.2', '192.0.2.3']) expect(kept(table, key)[1]).to.be.within(15, 24);
    expect(table.notes.evicted).to.equal(501 - 40);
    expect(table.get('192.0.2.2')?.block?.refused).to.equal(250);
  });

  it('lets the oldest of the longer list go', () => {
    const table = new Table(1000, 12 * CELL);
    for (let i = 0; i < 10; i++) event(table, '192.0.2.1', i);
    block(table, '192.0.2.1', 10);
    for (let i = 0; i < 4; i++) mail(table, '192.0.2.1', 20 + i);
    expect(kept(table, '192.0.2.1')).to.deep.equal([8, 4]);
    for (let i = 4; i < 8; i++) mail(table, '192.0.2.1', 20 + i);
    expect(kept(table, '192.0.2.1')).to.deep.equal([6, 6]);
    const times = mailsIn(table.get('192.0.2.1')?.block?.mails).map(({ at }) => Date.parse(at) - START);
    expect(times).to.deep.equal([22, 23, 24, 25, 26, 27]);
  });

  it('forgets no client and no event for notes', () => {
    const table = new Table(1000, 20 * CELL);
    for (let i = 0; i < 200; i++) event(table, `192.0.2.${i}`, i);
    for (let i = 0; i < 200; i++) expect(table.get(`192.0.2.${i}`)?.events).to.have.lengthOf(1);
    expect(table.evicted).to.equal(0);
    expect(table.size).to.equal(200);
    expect(table.notes.bytes).to.equal(20 * CELL);
  });

  it('has the room again that forgotten and unblocked clients leave', () => {
    const table = new Table(1000, 20 * CELL);
    for (let i = 0; i < 10; i++) event(table, `192.0.2.${i}`, i);
    block(table, '192.0.2.20', 0);
    for (let i = 0; i < 10; i++) mail(table, '192.0.2.20', i);
    change(table, '192.0.2.20', (record) => {
      record.block = undefined;
      record.floor = START + 20;
    });
    table.removeOlder(START + 15, 100);
    expect(table.size).to.equal(1);
    expect(table.notes.bytes).to.equal(0);
  });

  it('keeps within its bound whatever comes, and counts every note that clients have', () => {
    const step = fc.record({
      do: fc.constantFrom('event', 'block', 'mail', 'mail', 'mail', 'end', 'remove', 'lower'),
      client: fc.nat(6),
      size: fc.nat(200),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const table = new Table(1000, 24 * CELL);
        for (const [at, { do: what, client, size }] of steps.entries()) {
          const key = `192.0.2.${client}`;
          const record = table.get(key);
          if (what === 'event' && record?.block === undefined) event(table, key, at, `"${'x'.repeat(size)}"`);
          else if (what === 'block' && record?.block === undefined) block(table, key, at);
          else if (what === 'mail' && record?.block !== undefined) mail(table, key, at);
          else if (what === 'remove' && record !== undefined) table.remove(record);
          else if (what === 'lower') table.notes.maxBytes = (8 + (size % 20)) * CELL;
          else if (what === 'end' && record !== undefined)
            change(table, key, (one) => {
              one.block = undefined;
              one.floor = START + at;
            });
          table.shrink(1000);
          let bytes = 0;
          for (let i = 0; i <= 6; i++) bytes += table.get(`192.0.2.${i}`)?.noteBytes ?? 0;
          expect(table.notes.bytes).to.equal(bytes);
          expect(bytes).to.be.at.most(table.notes.maxBytes);
        }
        for (let i = 0; i <= 6; i++) {
          const record = table.get(`192.0.2.${i}`);
          if (record !== undefined) table.remove(record);
        }
        expect(table.notes.bytes).to.equal(0);
      }),
      { numRuns: 500 },
    );
  });
});
