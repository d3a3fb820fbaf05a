// The clock of a log: how far it has been read, with stamps that are late, ahead, out of order, or of a clock that was set.

import { expect } from 'chai';
import { LogClock } from '../../../src/maillog/sources/log-clock.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/values/duration.ts';
import { START } from '../log.ts';

/** A log that is always read to its end, and the state of its clock; times in ms after START. */
class Followed {
  clock = new LogClock();
  now = 0;

  /** The end of the log was seen at `now`, and nothing has come since. */
  at(now: number): this {
    this.now = now;
    this.clock.drained(START + now);
    return this;
  }

  /** A line is read as it is written. @returns as of when it counts */
  line(stamp: number, now = this.now): number {
    this.at(now);
    return this.backlog(stamp, now);
  }

  /** A line is read that was written at an unknown time. */
  backlog(stamp: number, now = this.now): number {
    this.now = now;
    return this.clock.take(START + stamp, START + now) - START;
  }

  /** A daemon that was stopped goes on from its snapshot. */
  restart(): this {
    this.clock = new LogClock(JSON.parse(JSON.stringify(this.clock.state)));
    return this;
  }

  get time(): number {
    return this.clock.time(START + this.now, true) - START;
  }

  get settled(): number {
    return this.clock.settled(START + this.now, true) - START;
  }
}

describe('maillog/sources/log-clock: how far a log has come', () => {
  it('is the newest stamp while there is more to read, and goes on with our clock at its end', () => {
    const { clock } = new Followed();
    clock.take(START, START + HOUR);
    expect(clock.time(START + HOUR, false)).to.equal(START);
    const log = new Followed();
    log.line(0, 0);
    expect(log.at(HOUR).time).to.equal(HOUR);
  });

  for (const [what, lag] of [
    ['a minute', MINUTE],
    ['65 minutes', 65 * MINUTE],
    ['14 hours', 14 * HOUR],
  ] as const) {
    it(`stays ${what} behind our clock where lines are written so late, over silence and a restart`, () => {
      const log = new Followed();
      log.line(0, lag);
      expect(log.at(HOUR + lag).time).to.equal(HOUR);
      expect(log.restart().at(2 * HOUR + lag).time).to.equal(2 * HOUR);
    });
  }

  it('is our clock again when a late log has caught up', () => {
    const log = new Followed();
    log.line(0, HOUR);
    for (let minute = 1; minute <= 60; minute++) log.backlog(minute * MINUTE, HOUR);
    expect(log.at(2 * HOUR).time).to.equal(2 * HOUR);
  });

  it('is not behind for a backlog that ends with an old line', () => {
    const log = new Followed();
    log.line(0, 0);
    log.restart().backlog(HOUR, 5 * HOUR);
    expect(log.at(6 * HOUR).time).to.equal(6 * HOUR);
  });

  it('never lies ahead of our clock', () => {
    const log = new Followed();
    log.line(30 * SECOND, 0);
    expect(log.time).to.equal(0);
    expect(log.at(10 * SECOND).time).to.equal(10 * SECOND);
  });

  it('goes back with a clock that is set back, by however much', () => {
    for (const by of [HOUR, 365 * DAY]) {
      const log = new Followed();
      log.line(0, 0);
      expect(log.line(SECOND - by, SECOND - by)).to.equal(SECOND - by);
      expect(log.time).to.equal(SECOND - by);
      expect(log.at(MINUTE - by).time).to.equal(MINUTE - by);
    }
  });
});

describe('maillog/sources/log-clock: what is settled', () => {
  it('is older than the newest stamp, and after a day of silence goes on with our clock', () => {
    const log = new Followed();
    log.line(0, 0);
    expect(log.settled).to.equal(0);
    expect(log.at(DAY).settled).to.equal(0);
    expect(log.at(DAY + HOUR).settled).to.equal(HOUR);
  });

  it('is older than the lines of the slowest host that writes the log, over a restart, for a day and more', () => {
    const log = new Followed();
    log.line(0, 0);
    log.line(-2 * HOUR, 0);
    log.line(HOUR, HOUR);
    expect(log.settled).to.equal(-HOUR);
    log.restart().line(2 * HOUR, 2 * HOUR);
    expect(log.settled).to.equal(0);
    for (let hour = 3; hour <= 60; hour++) log.line(hour * HOUR, hour * HOUR);
    expect(log.settled).to.equal(60 * HOUR);
  });

  it('is not held back by a stamp from long ago', () => {
    const log = new Followed();
    log.line(0, 0);
    log.line(-365 * DAY, 0);
    expect(log.settled).to.equal(0);
  });
});

describe('maillog/sources/log-clock: stamps ahead of our clock', () => {
  it('are left alone up to a minute', () => {
    const log = new Followed();
    expect(log.line(MINUTE, 0)).to.equal(MINUTE);
    expect(log.line(MINUTE + 1, 0)).to.equal(0);
  });

  it('are all set back by as much as the first was ahead, so that what lies between them stays', () => {
    for (const ahead of [2 * HOUR, 365 * DAY]) {
      const log = new Followed();
      expect(log.line(ahead, 0)).to.equal(0);
      expect(log.line(ahead + 40 * SECOND, 40 * SECOND)).to.equal(40 * SECOND);
      log.restart();
      // Lines that were written while the daemon was down, though some of them look as if they were right.
      for (let hour = 1; hour <= 5; hour++)
        expect(log.backlog(ahead + hour * HOUR, 5 * HOUR)).to.equal(hour * HOUR);
      expect(log.line(ahead + 6 * HOUR, 6 * HOUR)).to.equal(6 * HOUR);
    }
  });

  it('are set back no longer when the clock that stamps the log is right again', () => {
    const log = new Followed();
    log.line(2 * HOUR, 0);
    expect(log.line(SECOND, SECOND)).to.equal(SECOND);
    // Also after a silence in which the wrong clock would have come as far.
    log.line(3 * HOUR, HOUR);
    expect(log.line(6 * HOUR, 6 * HOUR)).to.equal(6 * HOUR);
  });

  it('cost the lines before and behind a single wrong one nothing', () => {
    const log = new Followed();
    const stamps = [0, SECOND, 365 * DAY, 2 * SECOND, 3 * SECOND];
    expect(stamps.map((stamp) => log.backlog(stamp, HOUR))).to.deep.equal([
      0,
      SECOND,
      HOUR,
      2 * SECOND,
      3 * SECOND,
    ]);
  });
});

describe('maillog/sources/log-clock: its state', () => {
  it('that is damaged is no state', () => {
    for (const state of [null, 7, [], { newest: 'x', lag: -1, ahead: '2', behind: Number.NaN }, { lag: 1.5 }])
      expect(new LogClock(state).state).to.deep.equal({ newest: undefined, lag: 0, ahead: 0, behind: 0 });
  });
});
