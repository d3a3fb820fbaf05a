// What all texts are made of: characters made visible, lines wrapped, columns aligned.

import { expect } from 'chai';
import fc from 'fast-check';
import { tableLines } from '../../src/terminal/table.ts';
import { cut, unbroken, visible, wrapped } from '../../src/terminal/text.ts';
import { HOSTILE, isHarmless } from './text/hostile.ts';

describe('cli/plain-text: characters made visible', () => {
  const table: readonly [text: string, shown: string][] = [
    ['', ''],
    ['plain <a@b.example> "q" \\', 'plain <a@b.example> "q" \\'],
    ['müller@straße.example', 'müller@straße.example'],
    ['Ελλάς Москва Nguyễn', 'Ελλάς Москва Nguyễn'],
    ['cut…', 'cut…'],
    ['\t\n\r', '\\x09\\x0a\\x0d'],
    ['\x1b[31m', '\\x1b[31m'],
    ['\x7f\x9b', '\\x7f\\x9b'],
    ['\u202e', '\\u{202e}'],
    ['\u{1f600}', '\\u{1f600}'],
    ['\ud800', '\\u{d800}'],
  ];
  for (const [text, shown] of table) {
    it(`shows ${JSON.stringify(text)} as ${shown}`, () => expect(visible(text)).to.equal(shown));
  }

  for (const [what, text] of HOSTILE) {
    it(`makes ${what} harmless`, () => expect(visible(text)).to.satisfy(isHarmless));
  }

  it('shows every control character and every character that turns or hides text as something else', () => {
    for (let code = 0; code < 0x11_0000; code++) {
      const text = String.fromCodePoint(code);
      if (/[\p{C}\p{Z}\p{M}\p{Bidi_C}\p{DI}]/u.test(text) && text !== ' ') {
        if (visible(text) === text) expect.fail(`U+${code.toString(16)} is shown as it is`);
      }
    }
  });
});

describe('cli/plain-text: wrapped lines', () => {
  const table: readonly [what: string, lines: string[], wanted: string[]][] = [
    ['nothing is one line', wrapped('', 20), ['']],
    ['what fits is one line', wrapped('one two', 20), ['one two']],
    ['words go to the next line', wrapped('one two three four', 14), ['one two', '    three four']],
    ['held words stay together', wrapped(`one ${unbroken('two three')}`, 14), ['one', '    two three']],
    ['long words are parted', wrapped('abcdefghijklmno', 14), ['abcdefghij', '    klmno']],
    ['long words are parted behind a sign', wrapped('anna-bo@example', 14), ['anna-bo@', '    example']],
    ['the first line has its own beginning', wrapped('one two', 12, '-- ', '   '), ['-- one two']],
    [
      'the width may be endless',
      wrapped('a '.repeat(90).trim(), Number.POSITIVE_INFINITY),
      ['a '.repeat(90).trim()],
    ],
  ];
  for (const [what, lines, wanted] of table) it(what, () => expect(lines).to.deep.equal(wanted));

  it('hold all words, in no more than the width', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,30}$/)),
        fc.integer({ min: 14, max: 60 }),
        (words, columns) => {
          const lines = wrapped(words.join(' '), columns);
          for (const line of lines) expect(line.length).to.be.at.most(columns);
          expect(lines.join('').replaceAll(' ', '')).to.equal(words.join(''));
        },
      ),
    );
  });
});

describe('cli/plain-text: tables', () => {
  it('leave out an empty column, and show gaps in another', () => {
    const lines = tableLines(
      [
        { title: 'A', cells: ['1', '2'] },
        { title: 'B', cells: ['', ''] },
        { title: 'C', cells: ['', 'x'] },
      ],
      80,
    );
    expect(lines).to.deep.equal(['A  C', '1  -', '2  x']);
  });

  it('cut the widest column that may be cut', () => {
    const lines = tableLines(
      [
        { title: 'KEPT', cells: ['0123456789'] },
        { title: 'B', cells: ['bbbbbbbb'], minWidth: 3 },
        { title: 'C', cells: ['cccc'], minWidth: 3 },
      ],
      22,
    );
    expect(lines).to.deep.equal(['KEPT        B     C', '0123456789  bbb…  cccc']);
  });

  it('wrap a column that may have several lines, and leave nothing out', () => {
    const lines = tableLines(
      [
        { title: 'A', cells: ['1', '2'] },
        { title: 'WRAPPED', cells: ['shop@sender.example no such user', 'short'], minWidth: 10, maxLines: 6 },
        { title: 'LAST', cells: ['x', ''] },
      ],
      24,
    );
    expect(lines).to.deep.equal([
      'A  WRAPPED          LAST',
      '1  shop@sender.     x',
      '   example no such',
      '   user',
      '2  short            -',
    ]);
  });

  it('cut what takes more lines than it may', () => {
    const cells = ['one two three four five six'];
    expect(tableLines([{ title: '', cells, minWidth: 6, maxLines: 3 }], 6)).to.deep.equal([
      'one',
      'two',
      'three…',
    ]);
  });

  it('cut no column below its minimum', () => {
    const lines = tableLines([{ title: '', cells: ['abcdef'], minWidth: 3 }], 1);
    expect(lines).to.deep.equal(['ab…']);
  });

  it('are empty without rows', () => {
    expect(tableLines([{ title: 'A', cells: [] }], 80)).to.deep.equal([]);
    expect(tableLines([], 80)).to.deep.equal([]);
  });
});

describe('cli/plain-text: cut text', () => {
  const table: readonly [text: string, width: number, wanted: string][] = [
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['abcd', 1, '…'],
    ['', 0, ''],
  ];
  for (const [text, width, wanted] of table) {
    it(`is ${wanted} for ${text} in ${width}`, () => expect(cut(text, width)).to.equal(wanted));
  }
});
