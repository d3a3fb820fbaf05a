// Conditions: they start, change, are reported again, and end.

import { expect } from 'chai';
import { Condition } from '../../src/values/condition.ts';

describe('values/condition', () => {
  it('starts once, and keeps its start while its value changes', () => {
    const condition = new Condition<string>();
    expect(condition.current).to.equal(undefined);
    expect(condition.set('a', 10)).to.equal('started');
    expect(condition.set('a', 20)).to.equal('same');
    expect(condition.set('b', 30)).to.equal('changed');
    expect(condition.current).to.deep.equal({ value: 'b', since: 10 });
  });

  it('ends once, with its last value, and starts anew', () => {
    const condition = new Condition<number>();
    expect(condition.end()).to.equal(undefined);
    condition.set(1, 10);
    expect(condition.end()).to.deep.equal({ value: 1, since: 10 });
    expect(condition.end()).to.equal(undefined);
    expect(condition.set(1, 20)).to.equal('started');
    expect(condition.current?.since).to.equal(20);
  });

  it('is due for a reminder each interval after its start, however its value changes, and never once it has ended', () => {
    const condition = new Condition<number>();
    const due: number[] = [];
    expect(condition.isReminderDue(0, 0)).to.equal(false);
    for (let now = 0; now <= 35; now++) {
      condition.set(now, now);
      if (condition.isReminderDue(10, now)) due.push(now);
    }
    expect(due).to.deep.equal([10, 20, 30]);
    condition.end();
    expect(condition.isReminderDue(10, 100)).to.equal(false);
  });

  it('waits a whole interval after the clock was set back', () => {
    const condition = new Condition<number>();
    condition.set(0, 1000);
    expect([0, 9, 10, 11].filter((now) => condition.isReminderDue(10, now))).to.deep.equal([10]);
  });
});
