// The name that a misspelled one is taken for.

import { expect } from 'chai';
import { nearName } from '../../src/values/near-name.ts';

const NAMES = ['listen', 'maillog', 'state', 'allow', 'max-tracked', 'log'];

describe('values/near-name: a misspelled name', () => {
  const cases: readonly (readonly [given: string, meant: string | undefined])[] = [
    ['maxtracked', 'max-tracked'],
    ['max_tracked', 'max-tracked'],
    ['MAILLOG', 'maillog'],
    ['mail-log', 'maillog'],
    ['listne', 'listen'],
    ['stat', 'state'],
    ['alow', 'allow'],
    ['lgo', undefined],
    ['spool', undefined],
    ['x', undefined],
    ['', undefined],
  ];
  for (const [given, meant] of cases) {
    it(`${given} is taken for ${meant ?? 'none'}`, () => expect(nearName(given, NAMES)).to.equal(meant));
  }
});
