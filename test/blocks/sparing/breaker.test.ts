// When the breaker opens, whom it spares, when it closes, and that a restart changes none of this.

import { expect } from 'chai';
import fc from 'fast-check';
import { Breaker, type BreakerTerms, type BreakerTurn } from '../../../src/blocks/sparing/breaker.ts';
import { isSavedBreaker } from '../../../src/state/snapshot/saved-breaker.ts';
import { HOUR, MINUTE } from '../../../src/values/duration.ts';
import { START } from '../blocks-fixture.ts';

const TERMS: BreakerTerms = { clients: 5, share: 0.01, within: 10 * MINUTE };
const HAND = { by: 'alice', why: 'the certificate is new' };

class BreakerFixture {
  readonly turns: BreakerTurn[] = [];
  readonly breaker: Breaker;

  /** @param standing clients in good standing */
  constructor(standing = 200) {
    this.breaker = new Breaker(
      TERMS,
      () => standing,
      (turn) => this.turns.push(turn),
    );
  }

  /** Whether the n-th client is spared whose block would start `time` ms after START. */
  spares(n: number, time: number): boolean {
    return this.breaker.spares(client(n), START + time);
  }

  /** Which of the clients from `first` to `last` are spared, one each second from `time` on. */
  spared(first: number, last: number, time = 0): readonly number[] {
    const clients = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    return clients.filter((n, i) => this.spares(n, time + i * 1000));
  }

  /** Each turn as `open 6/200 192.0.2.6 5000` or `closed expired 3605000`. */
  get told(): readonly string[] {
    return this.turns.map((turn) => {
      const at = turn.at - START;
      return turn.state === 'open'
        ? `open ${turn.blocked}/${turn.standing} ${turn.ip} ${at}`
        : `closed ${turn.reason}${turn.hand === undefined ? '' : ` by ${turn.hand.by}`} ${at}`;
    });
  }
}

const client = (n: number) => `192.0.2.${n}`;

describe('blocks/sparing/breaker: the breaker', () => {
  it('lets five blocks start and opens with the sixth', () => {
    const fixture = new BreakerFixture();
    expect(fixture.spared(1, 8)).to.deep.equal([6, 7, 8]);
    expect(fixture.told).to.deep.equal(['open 6/200 192.0.2.6 5000']);
  });

  it('opens only where the share is exceeded too', () => {
    const fixture = new BreakerFixture(800);
    expect(fixture.spared(1, 10)).to.deep.equal([9, 10]);
    expect(fixture.told).to.deep.equal(['open 9/800 192.0.2.9 8000']);
  });

  it('counts each client once', () => {
    const fixture = new BreakerFixture();
    for (let i = 0; i < 20; i++) expect(fixture.spares(1, i)).to.equal(false);
    expect(fixture.spared(2, 7, 20)).to.deep.equal([6, 7]);
  });

  it('does not count blocks that started a `within` or more before', () => {
    const fixture = new BreakerFixture();
    expect(fixture.spared(1, 5)).to.deep.equal([]);
    expect(fixture.spared(6, 9, 10 * MINUTE + 4000), 'with none before 4 s').to.deep.equal([]);
    expect(fixture.spares(10, 10 * MINUTE + 8000)).to.equal(false);
    expect(fixture.spares(11, 10 * MINUTE + 8000)).to.equal(true);
  });

  it('never opens without terms', () => {
    const fixture = new BreakerFixture(10);
    fixture.breaker.adopt(undefined, START);
    expect(fixture.spared(1, 50)).to.deep.equal([]);
    expect(fixture.told).to.deep.equal([]);
  });

  it('closes an hour after the last client that it spared', () => {
    const fixture = new BreakerFixture();
    fixture.spared(1, 6);
    expect(fixture.spares(7, 50 * MINUTE)).to.equal(true);
    fixture.breaker.settle(START + 50 * MINUTE + HOUR - 1);
    expect(fixture.told).to.have.lengthOf(1);
    fixture.breaker.settle(START + 50 * MINUTE + HOUR + 5);
    expect(fixture.told.at(-1)).to.equal(`closed expired ${50 * MINUTE + HOUR}`);
    expect(fixture.breaker.opening).to.equal(undefined);
  });

  it('closes with the event that shows that the hour is over, and judges it anew', () => {
    const fixture = new BreakerFixture();
    fixture.spared(1, 6);
    expect(fixture.spares(6, HOUR + 5000), 'blocked like any other').to.equal(false);
    expect(fixture.spared(7, 11, HOUR + 6000), 'five may be blocked again').to.deep.equal([11]);
    expect(fixture.told.slice(1)).to.deep.equal([
      `closed expired ${HOUR + 5000}`,
      `open 6/200 192.0.2.11 ${HOUR + 10_000}`,
    ]);
  });

  it('closes by hand; what happened before that moment is judged as while it was open', () => {
    const fixture = new BreakerFixture();
    fixture.spared(1, 6);
    expect(fixture.breaker.close(START + MINUTE, 'resumed', HAND)).to.equal(true);
    expect(fixture.told.at(-1)).to.equal(`closed resumed by alice ${MINUTE}`);
    expect(fixture.spares(7, MINUTE - 1)).to.equal(true);
    expect(fixture.spared(7, 12, MINUTE)).to.deep.equal([12]);
    expect(fixture.breaker.close(START, 'resumed', HAND), 'open again').to.equal(true);
    expect(fixture.breaker.close(START, 'resumed', HAND), 'closed').to.equal(false);
  });

  it('closes by hand after all that it spared, where the stamps of the log are ahead of the clock', () => {
    const fixture = new BreakerFixture();
    fixture.spared(1, 6);
    fixture.breaker.close(START + 1, 'resumed', HAND);
    expect(fixture.turns.at(-1)?.at).to.equal(START + 5001);
    expect(fixture.spares(6, 5000), 'its event, read again').to.equal(true);
  });

  it('closes where a policy has none', () => {
    const fixture = new BreakerFixture();
    fixture.spared(1, 6);
    fixture.breaker.adopt({ ...TERMS, clients: 50 }, START + MINUTE);
    expect(fixture.told).to.have.lengthOf(1);
    fixture.breaker.adopt(undefined, START + MINUTE);
    expect(fixture.told.at(-1)).to.equal(`closed policy-changed ${MINUTE}`);
    expect(fixture.spares(7, MINUTE)).to.equal(false);
  });

  it('while open, spares also for an event that is stamped before it opened', () => {
    const fixture = new BreakerFixture();
    fixture.spared(1, 6, MINUTE);
    expect(fixture.spares(7, 0)).to.equal(true);
    fixture.breaker.settle(START + MINUTE + 5000 + HOUR - 1);
    expect(fixture.breaker.opening, 'until an hour after the newest').to.not.equal(undefined);
  });

  it('after it has closed, spares for an event that is stamped before that', () => {
    const fixture = new BreakerFixture();
    fixture.spared(1, 6);
    fixture.breaker.settle(START + 2 * HOUR);
    expect(fixture.spares(7, 30 * MINUTE)).to.equal(true);
    expect(fixture.breaker.opening).to.equal(undefined);
  });

  it('counts blocks that are stamped later than a late one', () => {
    const fixture = new BreakerFixture();
    fixture.spared(1, 5, MINUTE);
    expect(fixture.spares(6, 0)).to.equal(true);
  });

  it('remembers a bounded number of clients, and opens when more are blocked', () => {
    const fixture = new BreakerFixture(100_000_000);
    let at = 0;
    while (!fixture.spares(at, at) && at < 2000) at++;
    expect(at).to.equal(1000);
  });
});

describe('blocks/sparing/breaker: a clock that is set back', () => {
  it('neither leaves it open for the time that the clock was ahead nor spares for so long', () => {
    const fixture = new BreakerFixture();
    fixture.spared(1, 6, 1000 * HOUR);
    fixture.breaker.bringBack(START, START + MINUTE);
    fixture.breaker.settle(START + HOUR);
    expect(fixture.breaker.opening).to.equal(undefined);
    fixture.spared(1, 6, 2000 * HOUR);
    fixture.breaker.close(START + 3000 * HOUR, 'resumed', HAND);
    fixture.breaker.bringBack(START + 2 * HOUR, START + 2 * HOUR + MINUTE);
    expect(fixture.spares(7, 2 * HOUR)).to.equal(false);
  });

  it('counts blocks from ahead as of now', () => {
    const fixture = new BreakerFixture();
    fixture.spared(1, 5, 1000 * HOUR);
    fixture.breaker.bringBack(START, START + MINUTE);
    expect(fixture.spares(6, 1)).to.equal(true);
  });
});

/** A step of a history: a client reaches a limit, time passes, or somebody resumes. */
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ what: fc.constant('limit' as const), n: fc.integer({ min: 1, max: 12 }) }),
  },
  fc.record({ what: fc.constantFrom('settle' as const, 'resume' as const), n: fc.constant(0) }),
);
const gap = fc.constantFrom(0, 1, 1000, MINUTE, 4 * MINUTE, 20 * MINUTE, HOUR);
const steps = fc.array(fc.tuple(step, gap, fc.constantFrom(0, 0, 0, 1, MINUTE)), { maxLength: 60 });

type Steps = readonly (readonly [{ what: string; n: number }, number, number])[];

/** @param before called before each step @returns what each step did */
function run(fixture: BreakerFixture, list: Steps, before: (i: number) => void = () => undefined) {
  let now = 0;
  return list.map(([{ what, n }, gap, late], i) => {
    now += gap;
    before(i);
    if (what === 'limit') return fixture.spares(n, now - late);
    if (what === 'resume') return fixture.breaker.close(START + now, 'resumed', HAND);
    fixture.breaker.settle(START + now);
    return undefined;
  });
}

describe('blocks/sparing/breaker: a restart at any point', () => {
  it('from a snapshot changes neither whom it spares nor when it opens and closes', () => {
    fc.assert(
      fc.property(steps, fc.nat(60), (list, stop) => {
        const whole = new BreakerFixture(20);
        const done = run(whole, list);
        const stopped = new BreakerFixture(20);
        const again = run(stopped, list, (i) => {
          if (i !== stop) return;
          const { saved } = stopped.breaker;
          stopped.breaker.clear();
          if (saved === undefined) return;
          const read: unknown = JSON.parse(JSON.stringify(saved));
          expect(isSavedBreaker(read)).to.equal(true);
          if (isSavedBreaker(read)) stopped.breaker.load(read);
        });
        expect(again).to.deep.equal(done);
        expect(stopped.told).to.deep.equal(whole.told);
      }),
      { numRuns: 1000 },
    );
  });

  it('from the audit trail spares and blocks the same when the log is read again, and reports nothing twice', () => {
    fc.assert(
      fc.property(steps, fc.nat(60), (all, stop) => {
        const list = all.slice(0, stop);
        const whole = new BreakerFixture(20);
        const trail: (BreakerTurn | { block: string; at: number })[] = [];
        let now = 0;
        const spared = list.map(([{ what, n }, gap, late]) => {
          now += gap;
          const isSpared = what === 'limit' && whole.spares(n, now - late);
          if (what === 'resume') whole.breaker.close(START + now, 'resumed', HAND);
          if (what === 'settle') whole.breaker.settle(START + now);
          trail.push(...whole.turns.splice(0));
          if (what === 'limit' && !isSpared) trail.push({ block: client(n), at: START + now - late });
          return isSpared;
        });
        const again = new BreakerFixture(20);
        // Twice, as lines that a snapshot includes may be.
        for (const line of [...trail, ...trail]) {
          if ('block' in line) again.breaker.redoBlock(line.block, line.at);
          else again.breaker.redoTurn(line);
        }
        expect(again.breaker.opening?.at).to.equal(whole.breaker.opening?.at);
        now = 0;
        for (const [i, [{ n }, gap, late]] of list.entries()) {
          now += gap;
          // A block that started is in the trail, and is not judged again.
          if (spared[i]) expect(again.spares(n, now - late), `step ${i}`).to.equal(true);
        }
        expect(again.told).to.deep.equal([]);
        expect(again.breaker.saved).to.deep.equal(whole.breaker.saved);
      }),
      { numRuns: 1000 },
    );
  });
});
