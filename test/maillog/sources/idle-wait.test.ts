// The wait for the next lines: watches after a pause, polls where nothing can be watched or the watch misses changes.

import { expect } from 'chai';
import { IdleWait } from '../../../src/maillog/sources/idle-wait.ts';
import type { LogSource, Watch } from '../../../src/maillog/sources/source.ts';
import { HOUR } from '../../../src/values/duration.ts';
import { START } from '../log.ts';

/** A source that counts its watches, and can be changed by hand. */
class Source {
  begun = 0;
  open = 0;
  canBeWatched = true;
  changed: () => void = () => undefined;

  get source(): LogSource {
    return {
      name: 'mail.log',
      owns: (position): position is never => position === undefined,
      start: async () => undefined,
      read: async () => ({ records: [], isAtEnd: true, positionAfter: () => undefined }),
      watch: (changed) => this.#watch(changed),
      stop: async () => undefined,
    };
  }

  async #watch(changed: () => void): Promise<Watch | undefined> {
    this.begun++;
    if (!this.canBeWatched) return undefined;
    this.open++;
    this.changed = changed;
    return { close: () => this.open-- };
  }
}

describe('maillog/sources/idle-wait', () => {
  let now: number;
  let wait: IdleWait;
  let one: Source;
  let sources: LogSource[];
  let stop: AbortController;
  const next = (records: number) => wait.next(stop.signal, sources, records);

  beforeEach(() => {
    now = START;
    wait = new IdleWait(() => now);
    one = new Source();
    sources = [one.source];
    stop = new AbortController();
  });
  afterEach(() => stop.abort());

  it('watches only after a pause in which no line came', async () => {
    for (const records of [0, 1, 2, 3]) {
      await next(records);
      expect(one.begun, `${records} records`).to.equal(0);
    }
    await next(3);
    expect(one.open).to.equal(1);
  });

  it('ends the watch with the first change', async () => {
    await next(0);
    await next(0);
    const change = next(0);
    one.changed();
    await change;
    await next(5);
    expect(one.open).to.equal(0);
  });

  it('ends the watch with lines that came while it began', async () => {
    await next(0);
    await next(0);
    await next(1);
    expect(one.open).to.equal(0);
  });

  it('reads again after a while although it sees no change, with the same watch', async () => {
    for (let i = 0; i < 4; i++) await next(0);
    expect([one.begun, one.open]).to.deep.equal([1, 1]);
  });

  it('polls all sources where one of them cannot be watched, and tries again later', async () => {
    const other = new Source();
    other.canBeWatched = false;
    sources = [one.source, other.source];
    for (let i = 0; i < 5; i++) await next(0);
    expect([one.begun, one.open, other.begun]).to.deep.equal([1, 0, 1]);
    other.canBeWatched = true;
    now += HOUR;
    await next(0);
    expect([one.open, other.open]).to.deep.equal([1, 1]);
  });

  it('polls where a source knows no watch', async () => {
    const { watch: _, ...unwatched } = one.source;
    sources = [one.source, unwatched];
    for (let i = 0; i < 3; i++) await next(0);
    expect(one.open).to.equal(0);
  });

  it('polls once lines came twice without a change seen, as on a network file system', async () => {
    let records = 0;
    for (let round = 1; round <= 2; round++) {
      for (let i = 0; i < 3; i++) await next(records);
      expect([one.begun, one.open]).to.deep.equal([round, 1]);
      await next(++records);
      if (round === 1) await next(records);
    }
    for (let i = 0; i < 3; i++) await next(records);
    expect(one.open).to.equal(0);
    now += 25 * HOUR;
    await next(records);
    expect(one.open).to.equal(1);
  });

  it('ends at once when it is stopped, and watches nothing then', async () => {
    await next(0);
    await next(0);
    const change = next(0);
    stop.abort();
    await change;
    expect(one.open).to.equal(0);
    await next(0);
    expect(one.open).to.equal(0);
  });
});
