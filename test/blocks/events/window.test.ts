// The sliding window: exact by event time, in whatever order events come, checked against counting by hand.

import { expect } from 'chai';
import fc from 'fast-check';
import {
  addEvent,
  codeOf,
  countWithin,
  EMPTY,
  filledAt,
  firstOf,
  newestOf,
  type Question,
  type Retention,
  retentionOf,
  timeOf,
  type Window,
} from '../../../src/blocks/events/window.ts';

interface Entry {
  readonly at: number;
  readonly code: number;
}

const ALL = retentionOf(new Array(8).fill(1e12), new Array(8).fill(1e6));
const entry = fc.record({ at: fc.integer({ min: 1, max: 60 }), code: fc.nat(4) });
const question = fc.record({
  mask: fc.integer({ min: 1, max: 31 }),
  limit: fc.integer({ min: 1, max: 6 }),
  within: fc.integer({ min: 1, max: 30 }),
  floor: fc.oneof(fc.constant(0), fc.nat(60)),
});

const windowOf = (entries: readonly Entry[], keep = ALL): Window =>
  entries.reduce((window, { at, code }) => addEvent(window, at, code, keep), EMPTY);
const entriesOf = (window: Window): Entry[] =>
  window.map((stamp) => ({ at: timeOf(stamp), code: codeOf(stamp) }));
const inOrder = (entries: readonly Entry[]): Entry[] =>
  [...entries].sort((a, b) => a.at - b.at || a.code - b.code);

/** Counting by hand: the events of the question whose time is at most `end` and less than `within` before it. */
function countBy(entries: readonly Entry[], { mask, within, floor }: Question, end: number): number {
  return entries.filter(({ at, code }) => (mask >> code) & 1 && at >= floor && at <= end && end - at < within)
    .length;
}

describe('blocks/events/window: sliding window', () => {
  it('holds events in order of time, in whatever order they came', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect(entriesOf(windowOf(entries))).to.deep.equal(inOrder(entries));
        expect(newestOf(windowOf(entries))).to.equal(Math.max(0, ...entries.map(({ at }) => at)));
      }),
    );
  });

  it('does not change the window that an event is added to', () => {
    const before = windowOf([
      { at: 5, code: 1 },
      { at: 9, code: 1 },
    ]);
    const copy = [...before];
    addEvent(before, 7, 2, retentionOf([3, 3, 3], [1, 1, 1]));
    expect(before).to.deep.equal(copy);
  });

  it('keeps times of this century and its kinds apart to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_102_444_800_000 }), fc.nat(7), (at, code) => {
        expect(entriesOf(addEvent(EMPTY, at, code, ALL))).to.deep.equal([{ at, code }]);
      }),
    );
  });

  it('is full where the first and the last of `limit` events lie less than `within` apart', () => {
    const ask = (last: number) =>
      filledAt(
        windowOf([
          { at: 100, code: 1 },
          { at: last, code: 1 },
        ]),
        twoIn10,
        last,
      );
    const twoIn10 = { mask: 2, limit: 2, within: 10, floor: 0 };
    expect(ask(109)).to.equal(109);
    expect(ask(110)).to.equal(undefined);
  });

  it('counts an event at the floor, and none before it', () => {
    const window = windowOf([
      { at: 100, code: 1 },
      { at: 105, code: 1 },
    ]);
    const ask = (floor: number) => filledAt(window, { mask: 2, limit: 2, within: 10, floor }, 105);
    expect(ask(100)).to.equal(105);
    expect(ask(101)).to.equal(undefined);
  });

  it('becomes full at the first moment, not before the event just added, at which counting by hand reaches the limit', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 25 }),
        question,
        fc.nat(60),
        (entries, asked, since) => {
          const times = inOrder(entries).map(({ at }) => at);
          // Of several events at one moment the last has them all in its window.
          const expected = times.find(
            (at) => at >= since && at >= asked.floor && isFullAt(entries, asked, at),
          );
          expect(filledAt(windowOf(entries), asked, since)).to.equal(expected);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('counts at any moment what counting by hand counts', () => {
    fc.assert(
      fc.property(fc.array(entry), question, fc.nat(120), (entries, asked, later) => {
        const now = Math.max(0, ...entries.map(({ at }) => at)) + later;
        expect(countWithin(windowOf(entries), asked, now)).to.equal(countBy(entries, asked, now));
      }),
      { numRuns: 2000 },
    );
  });

  it('forgets nothing that one of the rules it was made for could need, as long as events come in order', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 40 }),
        fc.array(question, { minLength: 1, maxLength: 3 }),
        (entries, rules) => {
          const keep = retentionFor(rules);
          let [window, whole] = [EMPTY, EMPTY];
          for (const { at, code } of inOrder(entries)) {
            window = addEvent(window, at, code, keep);
            whole = addEvent(whole, at, code, ALL);
            for (const rule of rules) {
              if (!((rule.mask >> code) & 1)) continue;
              expect(filledAt(window, rule, at)).to.equal(filledAt(whole, rule, at));
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('stays as short as its rules allow', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 2, maxLength: 60 }), question, (entries, rule) => {
        const keep = retentionFor([rule]);
        const counted = entries.filter(({ code }) => (rule.mask >> code) & 1);
        const left = entriesOf(windowOf(counted, keep));
        const newest = Math.max(0, ...left.map(({ at }) => at));
        for (const code of [0, 1, 2, 3, 4]) {
          const ofKind = left.filter((kept) => kept.code === code);
          expect(ofKind.length).to.be.at.most(keep.limit[code] ?? 0);
          for (const { at } of ofKind) expect(newest - at).to.be.below(keep.within[code] ?? 0);
        }
      }),
    );
  });

  it('tells the first of the events that filled it, in whatever order they came', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), question, (entries, asked) => {
        let window = EMPTY;
        for (const { at, code } of entries) {
          window = addEvent(window, at, code, ALL);
          const filled = filledAt(window, asked, at);
          if (filled === undefined) continue;
          const counted = inOrder(entriesOf(window)).filter(
            (one) => (asked.mask >> one.code) & 1 && one.at <= filled && one.at >= asked.floor,
          );
          const first = counted.at(-asked.limit)?.at ?? Number.NaN;
          expect(firstOf(window, asked, filled)).to.equal(first);
          expect(filled - first).to.be.below(asked.within);
          return;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function isFullAt(entries: readonly Entry[], question: Question, at: number): boolean {
  return countBy(entries, question, at) >= question.limit;
}

function retentionFor(rules: readonly Question[]): Retention {
  const most = (pick: (rule: Question) => number) =>
    [0, 1, 2, 3, 4].map((code) => Math.max(0, ...rules.filter(({ mask }) => (mask >> code) & 1).map(pick)));
  return retentionOf(
    most(({ within }) => within),
    most(({ limit }) => limit),
  );
}
