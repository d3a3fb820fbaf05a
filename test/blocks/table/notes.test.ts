// Notes outside V8's heap: they come back as they were, in order of time, and what goes makes room for what comes.

import { expect } from 'chai';
import fc from 'fast-check';
import { MAX_TEXT, type Note, NoteCells } from '../../../src/blocks/table/note-cells.ts';
import { evidenceIn, mailsIn, noteOfEvidence, noteOfMail } from '../../../src/blocks/table/note-forms.ts';
import { Notes } from '../../../src/blocks/table/notes.ts';
import { START } from '../blocks-fixture.ts';

/** Lengths at which a text ends with a cell, or begins another one, come often. */
const length = fc.oneof(fc.constantFrom(0, 1, 39, 40, 41, 99, 100, 101, 159, 160, 161), fc.nat(700));
const text = fc
  .tuple(
    length,
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
  )
  .map(([size, unit]) => (unit === '' ? 'x' : unit).repeat(size).slice(0, size));
const note: fc.Arbitrary<Note> = fc.record({
  at: fc.nat(20).map((at) => START + at),
  code: fc.nat(31),
  text,
});

type Action =
  | { readonly do: 'add'; readonly list: number; readonly note: Note }
  | { readonly do: 'oldest'; readonly list: number }
  | { readonly do: 'clear'; readonly list: number }
  | { readonly do: 'oldest-of'; readonly list: number; readonly code: number }
  | { readonly do: 'copy'; readonly list: number; readonly most: number; readonly from: number };

const list = fc.nat(2);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), list, note }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('oldest' as const), list }) },
  fc.record({ do: fc.constant('clear' as const), list }),
  fc.record({ do: fc.constant('oldest-of' as const), list, code: fc.nat(31) }),
  fc.record({ do: fc.constant('copy' as const), list, most: fc.nat(4), from: fc.nat(20) }),
);

/** What the action makes of a plain list. */
function modelled(known: readonly Note[], what: Action): Note[] {
  if (what.do === 'clear') return [];
  if (what.do === 'oldest') return known.slice(1);
  if (what.do === 'oldest-of') {
    const place = known.findIndex(({ code }) => code === what.code);
    return known.filter((_, i) => i !== place);
  }
  if (what.do === 'copy') {
    const wanted = known.filter(({ at }) => at >= START + what.from);
    return wanted.slice(Math.max(0, wanted.length - what.most));
  }
  return [...known, what.note].sort((a, b) => a.at - b.at);
}

function act(notes: Notes, what: Action): Notes {
  if (what.do === 'clear') notes.clear();
  else if (what.do === 'oldest') notes.removeOldest();
  else if (what.do === 'oldest-of') notes.removeOldest(what.code);
  else if (what.do === 'add') notes.add(what.note);
  else {
    const copy = notes.copy(what.most, (at) => at >= START + what.from);
    notes.clear();
    return copy;
  }
  return notes;
}

describe('blocks/table/notes', () => {
  it('are what a plain list of them would be, whatever is done to several lists in the same memory', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const cells = new NoteCells();
        const lists = [0, 1, 2].map(() => new Notes(cells));
        const models: Note[][] = [[], [], []];
        for (const what of actions) {
          lists[what.list] = act(lists[what.list] ?? new Notes(cells), what);
          models[what.list] = modelled(models[what.list] ?? [], what);
          for (const [i, model] of models.entries()) {
            const notes = lists[i] ?? new Notes(cells);
            expect([...notes]).to.deep.equal(model);
            expect(notes.size).to.equal(model.length);
            for (const { code } of model)
              expect(notes.countOf(code)).to.equal(model.filter((one) => one.code === code).length);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('know what they have, to the letter', () => {
    const notes = new Notes(new NoteCells());
    const known = { at: START, code: 3, text: 'x'.repeat(100) };
    for (const at of [START - 1, START, START + 1]) notes.add({ ...known, at });
    expect(notes.has(known)).to.equal(true);
    for (const other of [
      { code: 4 },
      { text: `${known.text}x` },
      { text: `y${known.text.slice(1)}` },
      { at: START + 2 },
    ])
      expect(notes.has({ ...known, ...other }), JSON.stringify(other)).to.equal(false);
  });

  it('take memory again that others have left: what is taken in all is what was taken at most', () => {
    const cells = new NoteCells();
    const round = () => {
      const notes = new Notes(cells);
      for (let i = 0; i < 1000; i++) notes.add({ at: START + i, code: 0, text: 'x'.repeat(i) });
      notes.clear();
      return cells.reserved;
    };
    const first = round();
    for (let i = 0; i < 20; i++) expect(round()).to.equal(first);
  });

  it('of more than 65,535 characters are not taken up', () => {
    const notes = new Notes(new NoteCells());
    notes.add({ at: START, code: 0, text: 'x'.repeat(MAX_TEXT + 1) });
    expect(notes.size).to.equal(0);
    notes.add({ at: START, code: 0, text: 'x'.repeat(MAX_TEXT) });
    expect([...notes][0]?.text).to.have.lengthOf(MAX_TEXT);
  });

  it('say what was noted: any text comes back, of evidence and of mails', () => {
    const any = fc.string({ unit: 'binary' });
    const evidence = fc.record(
      {
        at: fc.constant(new Date(START).toISOString()),
        kind: fc.constant('auth-failure' as const),
        user: any,
        line: any,
      },
      { requiredKeys: ['at', 'kind', 'line'] },
    );
    const mail = fc.record(
      { at: fc.constant(new Date(START).toISOString()), sender: any, recipient: any },
      { requiredKeys: ['at'] },
    );
    fc.assert(
      fc.property(evidence, mail, (event, lost) => {
        const notes = new Notes(new NoteCells());
        notes.add(noteOfEvidence(event));
        expect(evidenceIn(notes)).to.deep.equal([event]);
        const mails = new Notes(new NoteCells());
        mails.add(noteOfMail(lost));
        expect(mailsIn(mails)).to.deep.equal([lost]);
      }),
    );
  });
});
