// Text cut into lines, for any pieces in which it arrives.

import { expect } from 'chai';
import fc from 'fast-check';
import { logTextOf } from '../../../src/maillog/syslog/log-text.ts';
import { LineCutter } from '../../../src/replay/input/line-cutter.ts';

function cut(pieces: readonly string[], longest = 8): string[] {
  const lines: string[] = [];
  const cutter = new LineCutter(longest, ({ text }, from, to) => lines.push(text.slice(from, to)));
  for (const piece of pieces) cutter.push(logTextOf(piece));
  cutter.end();
  expect(cutter.lines).to.equal(lines.length);
  return lines;
}

describe('replay/input/line-cutter', () => {
  it('cuts at every newline, and takes an unfinished last line as a line', () => {
    const cases: [string, string[]][] = [
      ['', []],
      ['\n', ['']],
      ['a', ['a']],
      ['a\n', ['a']],
      ['a\n\nb\n', ['a', '', 'b']],
      ['\na', ['', 'a']],
    ];
    for (const [text, lines] of cases) expect(cut([text]), JSON.stringify(text)).to.deep.equal(lines);
  });

  it('cuts off a CR at the end of a line, one alone, and no other', () => {
    const text = 'a\r\n\r\nb\rc\nd\r\r\ne\r';
    expect(cut([text])).to.deep.equal(['a', '', 'b\rc', 'd\r', 'e']);
    expect(cut([...text])).to.deep.equal(['a', '', 'b\rc', 'd\r', 'e']);
    expect(cut(['12345678\r\n', '1234567\r8\n'])).to.deep.equal(['12345678', '1234567\r']);
  });

  it('takes the start of a line that is too long', () => {
    expect(cut(['123456789\n12345678\n1\n'])).to.deep.equal(['12345678', '12345678', '1']);
    expect(cut(['12345', '67', '890123', '456\nx'])).to.deep.equal(['12345678', 'x']);
    expect(cut(['123456789'])).to.deep.equal(['12345678']);
  });

  it('gives the same lines for the same text in any pieces', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n'), maxLength: 60 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), (pieces) => {
        const whole = pieces.join('').split('\n');
        if (whole.at(-1) === '') whole.pop();
        expect(cut(pieces)).to.deep.equal(whole.map((line) => line.replace(/\r$/, '').slice(0, 8)));
      }),
    );
  });
});
