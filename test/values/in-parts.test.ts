// Items in parts: each once, in order, and no part too large.

import { expect } from 'chai';
import { inParts } from '../../src/values/in-parts.ts';

describe('values/in-parts', () => {
  const cases: readonly (readonly [items: number, parts: string])[] = [
    [0, ''],
    [1, '0'],
    [2, '0 1'],
    [5, '0 1, 2 3, 4'],
  ];
  for (const [items, parts] of cases)
    it(`gives ${items} items as "${parts}"`, () => {
      const found = [...inParts(Array(items).keys(), 2)].map((part) => part.join(' '));
      expect(found.join(', ')).to.equal(parts);
    });
});
