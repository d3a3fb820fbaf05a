// Names of attributes in a request: each one of Postfix is found, and not confused with another.

import { expect } from 'chai';
import fc from 'fast-check';
import { AttributeNames } from '../../src/policy/attributes.ts';
import { ATTRIBUTES } from './requests.ts';

const NAMES = ATTRIBUTES.map(([, name]) => name);

/** The name that is found in a line; undefined where none is. */
function foundIn(line: string, names: readonly string[]): string | undefined {
  const bytes = Buffer.from(`x=y\n${line}\n`);
  return names[new AttributeNames(names).find(bytes, 4, bytes.indexOf('=', 4))];
}

describe('policy/attributes', () => {
  it('finds each attribute of Postfix among all of them, whatever others are as long', () => {
    for (const name of NAMES) expect(foundIn(`${name}=value`, NAMES)).to.equal(name);
  });

  it('finds the names that are wanted, and no others', () => {
    fc.assert(
      fc.property(fc.subarray(NAMES, { minLength: 1 }), fc.constantFrom(...NAMES), (wanted, sent) => {
        expect(foundIn(`${sent}=`, wanted)).to.equal(wanted.includes(sent) ? sent : undefined);
      }),
    );
  });

  it('takes no name for another that differs in one character, or is longer or shorter', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.nat(), (name, n) => {
        const place = n % name.length;
        const near = [
          `${name.slice(0, place)}#${name.slice(place + 1)}`,
          `${name.slice(0, place)}${name.slice(place + 1)}`,
          `${name.slice(0, place)}#${name.slice(place)}`,
        ];
        for (const other of near)
          expect(foundIn(`${other}=v`, NAMES), other).to.equal(NAMES.includes(other) ? other : undefined);
      }),
    );
  });
});
