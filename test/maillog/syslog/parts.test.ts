// Parts of lines: joined by stream, bounded, and checked in a snapshot.

import { expect } from 'chai';
import { areParts, joined, NO_PARTS, type Parts } from '../../../src/maillog/syslog/parts.ts';

function all(...parts: [stream: string, text: string, isLast: boolean][]): {
  lines: (string | undefined)[];
  left: Parts;
} {
  let left = NO_PARTS;
  const lines = parts.map(([stream, text, isLast]) => {
    const next = joined(left, { stream, text, isLast });
    left = next.parts;
    return next.line;
  });
  return { lines, left };
}

describe('maillog/syslog/parts', () => {
  it('make lines by stream', () => {
    expect(all(['a', 'x', true])).to.deep.equal({ lines: ['x'], left: [] });
    expect(all(['a', 'x', false], ['b', '1', false], ['a', 'y', true], ['b', '2', true])).to.deep.equal({
      lines: [undefined, undefined, 'xy', '12'],
      left: [],
    });
    expect(all(['a', '', false], ['a', '', true], ['a', '', true]).lines).to.deep.equal([undefined, '', '']);
    expect(all(['a', 'x', false], ['b', '1', true]).left).to.deep.equal([['a', 'x']]);
  });

  it('are bounded: a line by its beginning, the streams by the newest', () => {
    const long = all(['a', 'x'.repeat(8000), false], ['a', 'y'.repeat(8000), true]);
    expect(long.lines[1]).to.equal('x'.repeat(8000) + 'y'.repeat(192));
    const many = all(
      ...Array.from({ length: 100 }, (_, i): [string, string, boolean] => [`s${i}`, 'x', false]),
    );
    expect(many.left).to.have.length(64);
    expect(many.left[0]?.[0]).to.equal('s36');
    expect(areParts(JSON.parse(JSON.stringify(many.left)))).to.equal(true);
  });

  it('are distinguished from other values of a damaged snapshot', () => {
    const bad = [null, {}, 'x', 7, ['a'], [['a']], [['a', 'b', 'c']], [[1, 'b']], [['a', null]]];
    for (const value of [...bad, [['a', 'x'.repeat(9000)]], Array(65).fill(['a', 'b'])])
      expect(areParts(value), JSON.stringify(value).slice(0, 60)).to.equal(false);
    for (const value of [[], [['a', 'b']], [['a', '']]]) expect(areParts(value)).to.equal(true);
  });
});
