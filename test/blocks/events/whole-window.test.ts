// The window of a spared client: no event of its codes is missing within their time, whatever the order.

import { expect } from 'chai';
import fc from 'fast-check';
import { addToWhole, MAX_EVENTS } from '../../../src/blocks/events/whole-window.ts';
import {
  addEvent,
  countUntil,
  EMPTY,
  retentionOf,
  timeOf,
  type Window,
} from '../../../src/blocks/events/window.ts';

const WITHIN = 1000;
const KEEP = retentionOf([WITHIN, WITHIN, WITHIN], [3, 3, 3]);
const WHOLE = 0b011;
/** Events 0 to 9 ms after each other, and sometimes up to 200 ms late. */
const log = fc.array(fc.record({ gap: fc.nat(9), late: fc.constantFrom(0, 0, 0, 1, 200), code: fc.nat(2) }), {
  maxLength: 1200,
  size: 'max',
});

function counted(window: Window, mask: number, end: number, floor = 0): number {
  return countUntil(window, { mask, limit: 1, within: WITHIN, floor }, end);
}

describe('blocks/events/whole-window', () => {
  it('counts as many events as there were, and is sorted', () => {
    fc.assert(
      fc.property(log, (events) => {
        let window = EMPTY;
        let now = WITHIN;
        let newest = 0;
        const seen: { at: number; code: number }[] = [];
        for (const { gap, late, code } of events) {
          now += gap;
          newest = Math.max(newest, now - late);
          seen.push({ at: now - late, code });
          window = addToWhole(window, now - late, code, KEEP, WHOLE);
          const within = seen.filter((one) => one.code !== 2 && newest - one.at < WITHIN);
          expect(counted(window, WHOLE, newest)).to.equal(within.length);
        }
        expect(window).to.deep.equal([...window].sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps of other codes, and of what is too old, no more than 256 events longer than it must', () => {
    let window = EMPTY;
    for (let at = 1; at <= 20_000; at++) window = addToWhole(window, at, 2, KEEP, WHOLE);
    expect(window.length).to.be.at.most(3 + 256);
    for (let at = 20_001; at <= 40_000; at++) window = addToWhole(window, at, 1, KEEP, WHOLE);
    expect(window.length).to.be.at.most(WITHIN + 256);
    expect(counted(window, WHOLE, 40_000)).to.equal(WITHIN);
  });

  it('keeps no more than the newest 10,000 events', () => {
    let window = EMPTY;
    for (let i = 0; i < 3 * MAX_EVENTS; i++) {
      window = addToWhole(window, Math.floor(i / 100), 0, KEEP, WHOLE);
      expect(window.length).to.be.at.most(MAX_EVENTS);
    }
    expect(window.length).to.be.above(MAX_EVENTS - 512);
    expect(timeOf(window[0] ?? 0)).to.be.above(190);
  });

  it('never changes a window that somebody else holds', () => {
    const held = addEvent(addEvent(EMPTY, 1, 0, KEEP), 2, 0, KEEP);
    const before = [...held];
    addToWhole(addToWhole(held, 3, 0, KEEP, WHOLE), 4, 0, KEEP, WHOLE);
    expect(held).to.deep.equal(before);
  });
});
