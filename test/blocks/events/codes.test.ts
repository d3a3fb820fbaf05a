// The numbers of kinds and classes: each name has one, and a kind stands for all of its classes.

import { expect } from 'chai';
import {
  checkedNames,
  classOfCode,
  codeNamed,
  codeOfEvent,
  codeOfText,
  isInMask,
  kindOfCode,
  MAX_CODES,
  maskOf,
  NAMES,
} from '../../../src/blocks/events/codes.ts';
import { CLASSES, KINDS } from '../../../src/blocks/events/event.ts';
import { codeOf, stampOf, timeOf } from '../../../src/blocks/events/window.ts';

const CLASSIFIED = Object.entries(CLASSES) as [keyof typeof CLASSES, readonly (typeof NAMES)[number][]][];

describe('blocks/events/codes', () => {
  it('have unique names, as many as a bit set of 32 holds', () => {
    expect(new Set(NAMES).size).to.equal(NAMES.length);
    expect(NAMES).to.have.lengthOf.at.most(MAX_CODES);
    expect(NAMES).to.include.members([...KINDS, ...Object.values(CLASSES).flat()]);
  });

  it('stop the program at start-up where there are too many, or two of one name', () => {
    const names = (count: number) => Array.from({ length: count }, (_, i) => `kind-${i}`);
    expect(checkedNames(names(MAX_CODES))).to.have.lengthOf(MAX_CODES);
    expect(() => checkedNames(names(MAX_CODES + 1))).to.throw('33 kinds and classes do not fit 32 codes');
    expect(() => checkedNames(['probe', 'vrfy', 'probe'])).to.throw('one name');
  });

  it('lead from a name to its number, its kind and its class, and back', () => {
    for (const kind of KINDS) {
      expect(kindOfCode(codeNamed(kind))).to.equal(kind);
      expect(classOfCode(codeNamed(kind))).to.equal(undefined);
      expect(codeOfEvent({ kind })).to.equal(codeNamed(kind));
    }
    for (const [kind, names] of CLASSIFIED)
      for (const name of names) {
        expect(kindOfCode(codeNamed(name))).to.equal(kind);
        expect(classOfCode(codeNamed(name))).to.equal(name);
        expect(codeOfText(name)).to.equal(codeNamed(name));
      }
  });

  it('are none of other texts', () => {
    for (const text of ['', 'constructor', '__proto__', 'Probe', 'spam'])
      expect(codeOfText(text), text).to.equal(-1);
  });

  it('of a kind hold all of its classes, those of a class only itself', () => {
    for (const [kind, names] of CLASSIFIED) {
      const held = NAMES.filter((name) => isInMask(maskOf([kind]), codeNamed(name)));
      expect(held).to.have.members([kind, ...names]);
      for (const name of names) expect(maskOf([name])).to.equal(1 << codeNamed(name));
    }
  });

  it('fit into the numbers of a window until the year 10,000', () => {
    const last = Date.UTC(9999, 11, 31);
    for (const name of NAMES) {
      const stamp = stampOf(last, codeNamed(name));
      expect([timeOf(stamp), codeOf(stamp)]).to.deep.equal([last, codeNamed(name)]);
    }
  });
});
