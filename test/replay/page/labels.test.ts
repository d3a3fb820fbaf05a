// The positions of the labels of a curve.

import { expect } from 'chai';
import fc from 'fast-check';
import { type Label, placed } from '../../../src/replay/page/labels.ts';

const PLOT = { left: 50, right: 450, top: 20, bottom: 180 };
const LETTER = 7.5;
const HEIGHT = 14;

function doOverlap(a: Label, b: Label): boolean {
  const isBeside = a.x + a.text.length * LETTER <= b.x || b.x + b.text.length * LETTER <= a.x;
  return !isBeside && Math.abs(a.y - b.y) < HEIGHT;
}

const points = fc.array(
  fc.record({
    x: fc.integer({ min: PLOT.left, max: PLOT.right }),
    y: fc.integer({ min: PLOT.top, max: PLOT.bottom }),
    label: fc.stringMatching(/^[0-9]{1,4}[smhd]?$/),
    isCurrent: fc.boolean(),
  }),
  { maxLength: 12 },
);

describe('replay/page/labels', () => {
  it('never cover each other', () => {
    fc.assert(
      fc.property(points, (some) => {
        const labels = placed(some, PLOT);
        for (const [i, label] of labels.entries())
          for (const other of labels.slice(i + 1)) expect(doOverlap(label, other)).to.equal(false);
      }),
    );
  });

  it('are joined where their points coincide', () => {
    const point = { x: 100, y: 100, isCurrent: false };
    const labels = placed(
      [
        { ...point, label: '50' },
        { ...point, x: 101, isCurrent: true, label: '100' },
      ],
      PLOT,
    );
    expect(labels.map(({ text, isStrong }) => [text, isStrong])).to.deep.equal([['50, 100', true]]);
  });

  it('place the value of the policy first', () => {
    const crowd = Array.from({ length: 40 }, (_, i) => ({
      x: 100 + i * 6,
      y: 100,
      label: '12345678',
      isCurrent: i === 20,
    }));
    expect(placed(crowd, PLOT).filter(({ isStrong }) => isStrong)).to.have.length(1);
  });
});
