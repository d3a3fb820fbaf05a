// The tools that find regular expressions, and work that grows faster than its input.

import { expect } from 'chai';
import { superlinear } from './linear.ts';
import { patternsOf } from './patterns.ts';

const TEMPLATE = ['const a = `/x/ $', '{b / c} $', '{/y/.test(`$', '{d}/z/`)} /z/`; /w/.test(a);'].join('');

describe('harness/patterns: regular expressions of a source', () => {
  const good: readonly (readonly [source: string, found: readonly string[]])[] = [
    ['const a = /x/;', ['/x/']],
    ['if (/x/.test(a) && !/y[/]z/iu.exec(b)) return /\\//g;', ['/x/', '/y[/]z/iu', '/\\//g']],
    ['a.replace(/x/g, () => /y/)', ['/x/g', '/y/']],
    ['const a = b / c / d; // /x/', []],
    ["/* /x/ */ const a = \"/x/\" + '\\'/y/';", []],
    ['const a = (b) / c / d; e[0] / f / g;', []],
    [TEMPLATE, ['/y/', '/w/']],
    ['const a = `$\x7b{ b: { c: /x/ } }.b}` / 2 / 3;', ['/x/']],
    ['#!/usr/bin/env node\n/x/.test(a)', ['/x/']],
  ];
  for (const [source, found] of good) {
    it(`are ${found.join(' and ') || 'none'} in ${JSON.stringify(source)}`, () => {
      expect(patternsOf(source)).to.deep.equal(found);
    });
  }
});

describe('harness/patterns: work that grows faster than its input', () => {
  it('is found, in patterns that are known for it', () => {
    const bad: readonly (readonly [feed: (text: string) => unknown, pump: string])[] = [
      [(text) => /a+(?:\|a+)+/.test(text), 'a'],
      [(text) => /^(?:a|b)*a(?:a|b)*c/.test(text), 'a'],
    ];
    for (const [feed, pump] of bad) {
      expect(superlinear(feed, [{ pump, suffix: '!' }]), String(feed)).to.have.lengthOf(1);
    }
  });

  it('is not found in what is linear', () => {
    expect(
      superlinear(
        (text) =>
          text
            .split('')
            .join('.')
            .replace(/a{1,200}b/g, ''),
        [{ pump: 'a' }],
      ),
    ).to.deep.equal([]);
  });
});
