// The table of clients: found by key, walked as it was at one moment while it goes on changing.

import { expect } from 'chai';
import fc from 'fast-check';
import { stampOf } from '../../../src/blocks/events/window.ts';
import type { Block } from '../../../src/blocks/table/block.ts';
import type { NoteRoom } from '../../../src/blocks/table/note-room.ts';
import type { ClientRecord } from '../../../src/blocks/table/record.ts';
import type { RecordState } from '../../../src/blocks/table/record-state.ts';
import { Table } from '../../../src/blocks/table/table.ts';
import { parseRecord, recordLine } from '../../../src/state/snapshot/client-line.ts';
import { START, stateOf } from '../blocks-fixture.ts';

type Action =
  | {
      readonly do: 'event' | 'evidence' | 'block' | 'mail' | 'watch' | 'end' | 'remove';
      readonly client: number;
      readonly at: number;
    }
  | { readonly do: 'pinned' | 'step' | 'forget' | 'lower'; readonly count: number };

/** Room for few enough notes that some go while a walk is on. */
const NOTE_BYTES = 640;
const client = fc.nat(12);
const at = fc.nat(1000);
const count = fc.nat(6);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('event' as const), client, at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('evidence', 'mail'), client, at }) },
  fc.record({ do: fc.constantFrom('block', 'watch', 'end', 'remove'), client, at }),
  fc.record({ do: fc.constantFrom('pinned', 'step', 'forget', 'lower'), count }),
);

/** Does to a table what Blocks does to it. */
function act(table: Table, what: Action): void {
  if (what.do === 'pinned') table.nextPinned(what.count);
  else if (what.do === 'forget') table.removeOlder(START + what.count * 200, 3);
  else if (what.do === 'lower') table.setMaxTracked(4 + what.count * 3);
  else if ('client' in what) {
    const key = `192.0.2.${what.client}`;
    const { do: name, at } = what;
    if (name !== 'remove')
      table.update(table.getOrAdd(key), (record) => change(record, name, START + at, table.notes));
    else {
      const record = table.get(key);
      if (record !== undefined) table.remove(record);
    }
  }
}

type Changing = Exclude<Extract<Action, { client: number }>['do'], 'remove'>;

function change(record: ClientRecord, what: Changing, time: number, room: NoteRoom): void {
  const note = { at: time, code: 0, text: `{"line":"${'x'.repeat(time % 100)}"}` };
  if (what === 'evidence') {
    record.evidence ??= room.newNotes();
    record.evidence.add(note);
  } else if (what === 'mail') {
    if (record.block === undefined) return;
    record.block.refused++;
    record.block.mails ??= room.newNotes();
    record.block.mails.add(note);
  } else if (what === 'event') record.events = [...record.events, stampOf(time, 0)].sort((a, b) => a - b);
  else if (what === 'block') record.block = blockAt(time);
  else if (what === 'watch') record.watches = [...(record.watches ?? []), { ...blockAt(time), ended: false }];
  else {
    record.block = undefined;
    record.watches = undefined;
    record.evidence = undefined;
    record.floor = time;
    record.events = [];
  }
}

function blockAt(since: number): Block {
  return { rule: 'r', since, until: since + 1000, count: 3, refused: 0, firstRefused: 0, lastRefused: 0 };
}

/** All records, read by key alone. */
function contents(table: Table): Map<string, RecordState> {
  const states = new Map<string, RecordState>();
  for (let i = 0; i <= 12; i++) {
    const record = table.get(`192.0.2.${i}`);
    if (record !== undefined) states.set(record.key, stateOf(record));
  }
  return states;
}

describe('blocks/table/table: table of clients', () => {
  it('finds what was added, and nothing after it was removed', () => {
    const table = new Table(10);
    for (const what of ['event', 'block'] as const) {
      act(table, { do: what, client: 1, at: 0 });
      const record = table.get('192.0.2.1');
      expect(record?.key).to.equal('192.0.2.1');
      expect(table.size).to.equal(1);
      if (record !== undefined) table.remove(record);
      expect(table.get('192.0.2.1')).to.equal(undefined);
      expect(table.size).to.equal(0);
    }
  });

  it('knows how many clients it holds, and how many of them are blocked or watched', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const table = new Table(1000);
        for (const what of actions) act(table, what);
        const states = [...contents(table).values()];
        expect(table.size).to.equal(states.length);
        expect(table.pinned).to.equal(
          states.filter(({ block, watches }) => block !== undefined || watches !== undefined).length,
        );
      }),
    );
  });

  it('gives out blocked and watched clients in turn, each once a round', () => {
    const table = new Table(100);
    for (let i = 0; i <= 12; i++) act(table, { do: i % 3 === 0 ? 'event' : 'block', client: i, at: i });
    const round = Array.from({ length: 4 }, () => table.nextPinned(2).map(({ key }) => key)).flat();
    expect(new Set(round).size).to.equal(8);
    expect(table.nextPinned(100)).to.have.lengthOf(8);
    expect(table.nextPinned(0)).to.deep.equal([]);
  });

  it('forgets at most as many clients at a time as asked', () => {
    const table = new Table(100);
    for (let i = 0; i <= 12; i++) act(table, { do: 'event', client: i, at: i });
    table.removeOlder(START + 8, 5);
    expect(table.size).to.equal(8);
    table.removeOlder(START + 8, 5);
    expect([...contents(table).keys()]).to.deep.equal([8, 9, 10, 11, 12].map((i) => `192.0.2.${i}`));
  });
});

describe('blocks/table/table: clients with former blocks', () => {
  const former = [{ rule: 'auth', since: START, enforced: true }];

  function tableOf(room: number, clients: number): Table {
    const table = new Table(room);
    for (let i = 0; i < clients; i++) {
      const record = table.getOrAdd(`198.51.100.${i}`);
      table.update(record, () => {
        record.floor = START + i;
        record.former = former;
      });
    }
    return table;
  }

  /** The keys of a network's clients. */
  function keysIn(table: Table, network: string): readonly string[] {
    const keys: string[] = [];
    const walk = table.walk(({ key }) => keys.push(key));
    while (walk.step(10));
    return keys.filter((key) => key.startsWith(network));
  }

  it('are removed by a time of their own, and do not keep older counts', () => {
    const table = tableOf(100, 2);
    for (let i = 0; i <= 3; i++) act(table, { do: 'event', client: i, at: i });
    table.removeOlder(START + 3, 10, START + 1);
    expect(keysIn(table, '')).to.have.members(['198.51.100.1', '192.0.2.3']);
    table.removeOlder(START + 3, 10);
    expect(keysIn(table, '')).to.deep.equal(['192.0.2.3']);
  });

  it('are evicted after others, and leave new clients a part of the room', () => {
    for (const [count, left] of [
      [5, 5],
      [200, 80],
    ] as const) {
      const table = tableOf(90, count);
      for (let i = 0; i < 250; i++) act(table, { do: 'event', client: i, at: i });
      expect(keysIn(table, '198.51.100.')).to.have.lengthOf(left);
      expect(table.size).to.equal(90);
    }
  });
});

describe('blocks/table/table: a walk through the table', () => {
  it('gives out each record as it was when the walk began, once, whatever happens meanwhile', () => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 40 }),
        fc.array(action, { maxLength: 80 }),
        (before, meanwhile) => {
          const table = new Table(20, NOTE_BYTES);
          for (const what of before) act(table, what);
          const expected = contents(table);
          const given: [string, RecordState][] = [];
          const walk = table.walk((record) => given.push([record.key, stateOf(record)]));
          for (const what of meanwhile) {
            if (what.do === 'step') walk.step(what.count);
            else act(table, what);
          }
          while (walk.step(2));
          expect(given).to.have.lengthOf(expected.size);
          expect(new Map(given)).to.deep.equal(expected);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('gives out every record again after one that was finished or given up, each time once', () => {
    const walks = fc.array(fc.tuple(fc.array(action, { maxLength: 20 }), fc.nat(4), fc.boolean()), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(walks, (rounds) => {
        const table = new Table(20, NOTE_BYTES);
        for (const [actions, steps, isFinished] of rounds) {
          const expected = contents(table);
          const given: [string, RecordState][] = [];
          const walk = table.walk((record) => given.push([record.key, stateOf(record)]));
          walk.step(steps);
          for (const what of actions) act(table, what);
          if (!isFinished) {
            walk.abandon();
            continue;
          }
          while (walk.step(3));
          expect(given).to.have.lengthOf(expected.size);
          expect(new Map(given)).to.deep.equal(expected);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('gives out nothing more after it was given up', () => {
    const table = new Table(20);
    for (let i = 0; i < 5; i++) act(table, { do: 'event', client: i, at: i });
    let given = 0;
    const walk = table.walk(() => given++);
    walk.step(2);
    walk.abandon();
    act(table, { do: 'block', client: 4, at: 9 });
    act(table, { do: 'remove', client: 3, at: 0 });
    expect(given).to.equal(2);
  });

  it('comes to its end while blocked clients go round and refusals come in', () => {
    const table = new Table(100);
    for (let i = 0; i <= 12; i++) act(table, { do: 'block', client: i, at: i });
    let given = 0;
    const walk = table.walk(() => given++);
    let steps = 0;
    for (; walk.step(3); steps++) table.nextPinned(2);
    expect(given).to.equal(13);
    expect(steps).to.be.below(20);
  });

  it('begins with the blocks, and then the strongest counts', () => {
    const table = new Table(100);
    act(table, { do: 'event', client: 0, at: 0 });
    for (let i = 0; i < 9; i++) act(table, { do: 'event', client: 1, at: i });
    act(table, { do: 'block', client: 2, at: 0 });
    const keys: string[] = [];
    const walk = table.walk(({ key }) => keys.push(key));
    while (walk.step(1));
    expect(keys).to.deep.equal(['192.0.2.2', '192.0.2.1', '192.0.2.0']);
  });
});

describe('blocks/table/table: the line of a client in a snapshot', () => {
  it('says all that the table knows of it', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const table = new Table(1000);
        for (const what of actions) act(table, what);
        const walk = table.walk((record) => {
          expect(parseRecord(recordLine(record), 1)).to.deep.equal({
            key: record.key,
            state: stateOf(record),
          });
        });
        while (walk.step(10));
      }),
    );
  });
});
