// YAML that few people write: what of it is a policy, and where the mistake in it stands.

import { expect } from 'chai';
import { configOf, placesOf, RULES } from './text.ts';

const RULE = '{counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: No.}';
const NUMBER = '9'.repeat(400);

describe('config/odd: an odd policy.yml', () => {
  const good: readonly (readonly [what: string, text: string])[] = [
    ['a byte order mark', `\ufeff${RULES}`],
    ['the line ends of Windows', RULES.replaceAll('\n', '\r\n')],
    ['no line end at its end', RULES.trimEnd()],
    ['an anchor and its alias', `rules: {a: &r ${RULE}, b: *r}\n`],
    ['a document mark before and behind', `---\n${RULES}...\n`],
    ['a version of YAML yet to come', `%YAML 9.9\n---\n${RULES}`],
    ['texts that say that they are', `!!map\n${RULES}state: !!str state\n`],
  ];
  for (const [what, text] of good) {
    it(`with ${what} is a policy`, () => {
      expect(configOf(text).rules[0]).to.include({ limit: 3, message: 'No.' });
    });
  }

  const bad: readonly (readonly [what: string, text: string, places: readonly string[]])[] = [
    ['a mistake behind line ends of Windows', `${RULES.replace('\n', '\r\n')}x: 1\r\n`, ['2:1: x']],
    ['a mistake behind a byte order mark', `\ufeff${RULES}x: 1\n`, ['2:1: x']],
    [
      'a merge key, which YAML 1.2 does not know',
      `rules:\n  a: &r ${RULE}\n  b: {<<: *r}\n`,
      [
        '3:6: rules.b.counts',
        '3:6: rules.b.limit',
        '3:6: rules.b.within',
        '3:6: rules.b.block-for',
        '3:6: rules.b.message',
        '3:7: rules.b.<<',
      ],
    ],
    ['an alias of nothing', `${RULES}state: *nobody\n`, ['2:8: state']],
    ['an alias of itself', `${RULES}allow: &a [*a]\n`, ['2:12: allow[0]']],
    ['a number beyond all numbers', `${RULES}max-tracked: 1e999\n`, ['2:14: max-tracked']],
    ['a number of 400 digits', `${RULES}max-tracked: ${NUMBER}\n`, ['2:14: max-tracked']],
    ['a number that is none', `${RULES}max-tracked: .nan\n`, ['2:14: max-tracked']],
    [
      'a number in hexadecimal that is too large',
      `${RULES}max-tracked: 0x7fffffffffffffff\n`,
      ['2:14: max-tracked'],
    ],
    ['a duration of 400 digits', `${RULES}snapshot-every: ${NUMBER}s\n`, ['2:17: snapshot-every']],
    ['a NUL in a path', `${RULES}state: "a\\0b"\n`, ['2:8: state']],
    ['nothing but a NUL', '\0', ['1:1: ']],
    ['two documents', `${RULES}---\n${RULES}`, ['2:1: ']],
    [
      'names that every object has',
      `${RULES}__proto__: {}\nconstructor: 1\n`,
      ['2:1: __proto__', '3:1: constructor'],
    ],
    ['a rule by such a name', `rules: {__proto__: ${RULE}}\n`, ['1:9: rules.__proto__']],
    ['bytes for a text', `${RULES}state: !!binary aGVsbG8=\n`, ['2:17: state']],
    ['a set for a list', `${RULES}allow: !!set {a, b}\n`, ['2:14: allow']],
    ['an ordered mapping for a list', `${RULES}allow: !!omap [a: 1]\n`, ['2:16: allow[0]']],
    ['a list for a name', `${RULES}? [a, b]\n: c\n`, ['2:3: ']],
    ['a tab', `${RULES}\tstate: x\n`, ['2:1: ']],
    ['brackets without end', `${RULES}state: ${'['.repeat(100)}`, ['2:58: ']],
    [
      'a text in the order of letters of others',
      `rules: {r: ${RULE.replace('No.', '"\\u202e"')}}\n`,
      ['1:81: rules.r.message'],
    ],
  ];
  for (const [what, text, places] of bad) {
    it(`with ${what} has its mistake told where it stands`, () => {
      expect(placesOf(text)).to.deep.equal(places);
    });
  }
});
