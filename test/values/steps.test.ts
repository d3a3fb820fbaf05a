// Work in steps: every item once, and a pause after each step.

import { expect } from 'chai';
import { inSteps } from '../../src/values/steps.ts';

describe('values/steps', () => {
  const cases: readonly (readonly [items: number, log: string])[] = [
    [0, ''],
    [1, '0'],
    [2, '0 1 pause'],
    [5, '0 1 pause 2 3 pause 4'],
  ];
  for (const [items, log] of cases)
    it(`pause after every second of ${items} items`, async () => {
      const done: (number | string)[] = [];
      const pause = async () => void done.push('pause');
      await inSteps(Array(items).keys(), 2, (item) => void done.push(item), pause);
      expect(done.join(' ')).to.equal(log);
    });
});
