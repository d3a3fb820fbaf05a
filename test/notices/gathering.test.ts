// The events that wait for a notice: each is in one notice, listed or counted, whatever comes.

import { expect } from 'chai';
import fc from 'fast-check';
import type { NoticeEvent } from '../../src/notices/event.ts';
import { type Counts, Gathering, MAX_LISTED, MAX_TROUBLES, totalOf } from '../../src/notices/gathering.ts';
import { scaled } from '../harness/scale.ts';
import { block, end, TROUBLE } from './events.ts';

const EVENT = fc.constantFrom<NoticeEvent>(block(), end(), TROUBLE);
const STEPS = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: EVENT },
    { weight: 1, arbitrary: fc.constant('take' as const) },
    { weight: 1, arbitrary: fc.constant('give up' as const) },
  ),
  { maxLength: 600 },
);

describe('notices/gathering: the events that wait', () => {
  it('are each in one notice, listed once or counted as left out', () => {
    fc.assert(
      fc.property(STEPS, (steps) => {
        const gathering = new Gathering();
        const listed: NoticeEvent[] = [];
        let last: Counts = {};
        let counted = 0;
        for (const step of [...steps, 'take' as const]) {
          if (step === 'take') {
            const { events, counts } = gathering.take();
            expect(events.length).to.be.at.most(Math.min(MAX_LISTED + MAX_TROUBLES, totalOf(counts)));
            listed.push(...events);
            counted += totalOf(counts);
            last = counts;
          } else if (step === 'give up') {
            gathering.leaveOut(last);
            counted -= totalOf(last);
            last = {};
          }
          // An object of its own, so that one that is listed twice is found.
          else gathering.add({ ...step });
        }
        expect(counted).to.equal(steps.filter((step) => typeof step === 'object').length);
        expect(new Set(listed).size).to.equal(listed.length);
      }),
      { numRuns: scaled(200) },
    );
  });

  it('are listed as they came, the first ones where there are too many', () => {
    const gathering = new Gathering();
    const blocks = Array.from({ length: 1000 }, (_, i) => block(`192.0.2.${i % 256}`));
    for (const event of blocks) gathering.add(event);
    const { events, counts } = gathering.take();
    expect(events).to.deep.equal(blocks.slice(0, MAX_LISTED));
    expect(counts).to.deep.equal({ block: 1000 });
  });

  it('have places for troubles that no flood of blocks takes', () => {
    const gathering = new Gathering();
    for (let i = 0; i < 1000; i++) gathering.add(block());
    for (let i = 0; i < 1000; i++) gathering.add(TROUBLE);
    const { events } = gathering.take();
    expect(events.filter(({ event }) => event === 'trouble')).to.have.lengthOf(MAX_TROUBLES);
    expect(events).to.have.lengthOf(MAX_LISTED + MAX_TROUBLES);
  });

  it('are nothing new where a notice was given up', () => {
    const gathering = new Gathering();
    gathering.leaveOut({ block: 3 });
    expect([gathering.hasNew, gathering.total]).to.deep.equal([false, 3]);
    gathering.add(block());
    expect([gathering.hasNew, gathering.take().counts]).to.deep.equal([true, { block: 4 }]);
    expect([gathering.hasNew, gathering.total]).to.deep.equal([false, 0]);
  });
});
