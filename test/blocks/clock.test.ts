// A clock that was ahead and is set back: what was counted and blocked by it neither hides what happens now nor lasts.

import { expect } from 'chai';
import { DAY, HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH, BlocksFixture, eventOf, START } from './blocks-fixture.ts';

const CLIENT = '192.0.2.1';

/** Takes events, by a clock that shows the time of each. */
function takeNow(fixture: BlocksFixture, ...times: number[]): void {
  for (const time of times) fixture.blocks.take(eventOf(CLIENT, time, 'auth-failure'), START + time);
}

describe('blocks/clock: a clock that is set back', () => {
  for (const [what, ahead] of [
    ['an hour', HOUR],
    ['a year', 365 * DAY],
    ['from now to 1970', START - DAY],
  ] as const) {
    it(`by ${what}: counts from before hide no abuse of now`, () => {
      const fixture = new BlocksFixture();
      takeNow(fixture, 1, 2);
      takeNow(fixture, -ahead, 1 - ahead, 2 - ahead);
      expect(fixture.reported).to.deep.equal([`block ${CLIENT} auth ${2 - ahead}`]);
    });

    it(`by ${what}: the end of a block that was ended before hides no abuse of now`, () => {
      const fixture = new BlocksFixture();
      takeNow(fixture, 1, 2, 3);
      fixture.expire(HOUR + 3);
      fixture.changes.length = 0;
      takeNow(fixture, -ahead, 1 - ahead, 2 - ahead);
      expect(fixture.reported).to.deep.equal([`block ${CLIENT} auth ${2 - ahead}`]);
    });

    it(`by ${what}: a block that began ahead lasts its time from now on, and no longer`, () => {
      const fixture = new BlocksFixture();
      takeNow(fixture, 1, 2, 3);
      fixture.expire(4).expire(-ahead);
      expect(fixture.refusing(CLIENT, 1 - ahead)).to.equal('auth');
      expect(fixture.refusing(CLIENT, HOUR - ahead - 1)).to.equal('auth');
      expect(fixture.refusing(CLIENT, HOUR - ahead)).to.equal(undefined);
      fixture.expire(HOUR - ahead);
      expect(fixture.reported.at(-1)).to.equal(`end ${CLIENT} auth ${HOUR - ahead} expired`);
    });

    it(`by ${what}: a watched block lasts no longer either`, () => {
      const fixture = new BlocksFixture({ rules: [{ ...AUTH, enforce: false }] });
      takeNow(fixture, 1, 2, 3);
      fixture
        .expire(4)
        .expire(-ahead)
        .expire(HOUR - ahead);
      expect(fixture.reported.at(-1)).to.equal(`end ${CLIENT} auth ${HOUR - ahead} expired`);
    });
  }

  it('behind the log by less than a minute loses no event and no block', () => {
    const fixture = new BlocksFixture();
    for (const time of [1, 2, 3])
      fixture.blocks.take(eventOf(CLIENT, time, 'auth-failure'), START + time - MINUTE / 2);
    expect(fixture.reported).to.deep.equal([`block ${CLIENT} auth 3`]);
    fixture.blocks.take(eventOf(CLIENT, 4, 'auth-failure'), START + 4 - MINUTE / 2);
    expect(fixture.blocks.table.get(CLIENT)?.block?.since).to.equal(START + 3);
  });

  it('by less than a minute changes nothing: log and daemon need not agree to the second', () => {
    const fixture = new BlocksFixture();
    takeNow(fixture, 1, 2, 3);
    fixture.expire(4).expire(4 - MINUTE);
    expect(fixture.refusing(CLIENT, HOUR + 2)).to.equal('auth');
  });
});
