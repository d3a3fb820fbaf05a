// Where a browser may break names and addresses.

import { expect } from 'chai';
import fc from 'fast-check';
import { breakable } from '../../src/html/breaks.ts';
import { html } from '../../src/html/html.ts';

describe('html/breaks', () => {
  const table: readonly [text: string, broken: string][] = [
    ['', ''],
    ['localhost', 'localhost'],
    ['mail.example.com', 'mail.|example.|com'],
    ['a-b_c@x.example', 'a-|b_|c@|x.|example'],
    ['2001:db8::1', '2001:|db8::|1'],
    ['/var/log/mail.log', '/|var/|log/|mail.|log'],
    ['anna@x.example (sent), 2 more', 'anna@|x.|example (sent), 2 more'],
    ['--- x', '--- x'],
    ['<b>.&', '&lt;b&gt;.|&amp;'],
  ];
  for (const [text, broken] of table) {
    it(`are after each part: ${JSON.stringify(text)}`, () => {
      expect(breakable(text).text).to.equal(broken.replaceAll('|', '<wbr>'));
    });
  }

  it('leave the text as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(breakable(text).text.replaceAll('<wbr>', '')).to.equal(html`${text}`.text);
      }),
    );
  });
});
