// The turns of searches: one step of one search at a time, until the time of the search is over.

import { expect } from 'chai';
import { Turns } from '../../../src/desk/find/turns.ts';

describe('desk/find/turns', () => {
  it('gives one turn of all searches for each pause', async () => {
    let [pauses, now] = [0, 0];
    const turns = new Turns(
      () => now,
      async () => {
        pauses++;
      },
    );
    const searches = Array.from({ length: 5 }, () => turns.begin());
    for (let step = 1; step <= 3; step++) {
      expect(await Promise.all(searches.map((search) => search.next()))).to.not.include(false);
      expect(pauses).to.equal(5 * step);
    }
    now = 2000;
    expect(await searches[0]?.next()).to.equal(false);
    expect(await turns.begin().next()).to.equal(true);
  });

  it('makes no second step before the first pause is over', async () => {
    const waiting: (() => void)[] = [];
    const turns = new Turns(
      () => 0,
      () => new Promise<void>((resolve) => waiting.push(resolve)),
    );
    const done: string[] = [];
    const steps = ['a', 'b'].map(async (name) => {
      await turns.begin().next();
      done.push(name);
    });
    await Promise.resolve();
    expect(waiting.length).to.equal(1);
    waiting[0]?.();
    await steps[0];
    expect(done).to.deep.equal(['a']);
    await Promise.resolve();
    waiting[1]?.();
    await steps[1];
    expect(done).to.deep.equal(['a', 'b']);
  });
});
