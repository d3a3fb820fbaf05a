// A target: one delivery after the other, pauses and attempts by the time that it is given, and troubles.

import { expect } from 'chai';
import fc from 'fast-check';
import type { Notice } from '../../src/notices/notice.ts';
import type { Outcome } from '../../src/notices/retry.ts';
import { FAILING_FOR, PAUSE, QUIET, Target } from '../../src/notices/target.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { scaled } from '../harness/scale.ts';
import { AT, block } from './events.ts';

const SPEC = { type: 'command', command: ['/x'], events: ['block', 'trouble'], timeout: 1000 } as const;
const SENT: Outcome = { type: 'sent' };
const BUSY: Outcome = { type: 'retry', reason: 'busy' };
const REFUSED: Outcome = { type: 'refused', reason: 'no' };

/** A target whose deliveries end as the test says. */
class Stage {
  /** each attempt */
  readonly notices: Notice[] = [];
  readonly delivered: Notice[] = [];
  readonly failures: string[] = [];
  /** what the next deliveries end with; undefined: they hang */
  outcome: Outcome | undefined = SENT;
  readonly target: Target;
  #pending: ((outcome: Outcome) => void) | undefined;

  constructor() {
    let ids = 0;
    this.target = new Target({
      spec: SPEC,
      host: 'mx1',
      id: () => `id${ids++}`,
      chance: () => 1,
      failed: (reason) => this.failures.push(reason),
      deliver: (notice, signal) => this.#deliver(notice, signal),
    });
  }

  /** Ends the delivery that hangs. */
  end(outcome: Outcome): void {
    this.#pending?.(outcome);
  }

  /** Ticks once a second, and lets deliveries end in between. */
  async run(from: number, to: number, step = 1000): Promise<void> {
    for (let now = from; now < to; now += step) {
      this.target.tick(now);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  add(events: number): void {
    for (let i = 0; i < events; i++) this.target.add(block());
  }

  get totals(): readonly number[] {
    return this.notices.map(({ total }) => total);
  }

  async #deliver(notice: Notice, signal: AbortSignal): Promise<Outcome> {
    this.notices.push(notice);
    const outcome =
      this.outcome ??
      (await new Promise<Outcome>((resolve) => {
        this.#pending = resolve;
        signal.addEventListener('abort', () => resolve(BUSY));
      }));
    if (outcome.type === 'sent') this.delivered.push(notice);
    return outcome;
  }
}

describe('notices/target: deliveries', () => {
  it('come at most one in five seconds, and what happens meanwhile comes together', async () => {
    const stage = new Stage();
    for (let second = 0; second < 11; second++) {
      stage.add(1000);
      await stage.run(AT + second * 1000, AT + second * 1000 + 1);
    }
    expect([stage.totals, stage.target.unsent]).to.deep.equal([[1000, PAUSE, PAUSE], 0]);
  });

  it('are one at a time: a target that hangs gathers', async () => {
    const stage = new Stage();
    stage.outcome = undefined;
    stage.add(5000);
    await stage.run(AT, AT + HOUR);
    stage.add(5000);
    expect([stage.totals, stage.target.unsent]).to.deep.equal([[5000], 10_000]);
  });

  it('are tried again with the same id, later and later', async () => {
    const stage = new Stage();
    stage.outcome = BUSY;
    stage.add(1);
    await stage.run(AT, AT + 10 * MINUTE);
    expect(new Set(stage.notices.map(({ id }) => id)).size).to.equal(1);
    expect(stage.notices.length).to.be.within(6, 10);
    stage.outcome = SENT;
    await stage.run(AT + 10 * MINUTE, AT + 20 * MINUTE);
    expect([stage.target.unsent, stage.target.troubleAt(AT + HOUR)]).to.deep.equal([0, undefined]);
  });

  it('wait as long as the receiver asks', async () => {
    const stage = new Stage();
    stage.outcome = { ...BUSY, after: 10 * MINUTE };
    stage.add(1);
    await stage.run(AT, AT + 10 * MINUTE);
    expect(stage.notices).to.have.lengthOf(1);
    await stage.run(AT + 10 * MINUTE, AT + 10 * MINUTE + 5000);
    expect(stage.notices).to.have.lengthOf(2);
  });

  it('are given up after an hour, and counted in the next notice', async () => {
    const stage = new Stage();
    stage.outcome = BUSY;
    stage.add(2);
    await stage.run(AT, AT + HOUR + 10 * MINUTE);
    const tried = stage.notices.length;
    await stage.run(AT + HOUR + 10 * MINUTE, AT + 3 * HOUR);
    expect(stage.notices).to.have.lengthOf(tried);
    stage.outcome = SENT;
    stage.add(1);
    await stage.run(AT + 3 * HOUR, AT + 3 * HOUR + 6000);
    const { total, leftOut, events } = stage.notices.at(-1) ?? {};
    expect([total, leftOut, events?.length]).to.deep.equal([3, 2, 1]);
  });

  it('are not repeated where the receiver refuses', async () => {
    const stage = new Stage();
    stage.outcome = REFUSED;
    stage.add(1);
    await stage.run(AT, AT + HOUR);
    expect([stage.totals, stage.target.unsent]).to.deep.equal([[1], 1]);
  });

  it('go on after the clock was set back', async () => {
    const stage = new Stage();
    stage.add(1);
    await stage.run(AT, AT + 1000);
    stage.add(1);
    await stage.run(AT - 24 * HOUR, AT - 23 * HOUR);
    expect(stage.totals).to.deep.equal([1, 1]);
  });
});

describe('notices/target: failures', () => {
  it('are reported once, until a delivery succeeds', async () => {
    const stage = new Stage();
    stage.outcome = BUSY;
    stage.add(1);
    await stage.run(AT, AT + HOUR);
    expect(stage.failures).to.deep.equal(['busy']);
    stage.outcome = SENT;
    await stage.run(AT + HOUR, AT + HOUR + 10 * MINUTE);
    stage.outcome = REFUSED;
    stage.add(1);
    await stage.run(AT + 2 * HOUR, AT + 2 * HOUR + 2000);
    expect(stage.failures).to.deep.equal(['busy', 'no']);
  });

  it('are no trouble after an hour in which nothing was to be sent, and are reported anew then', async () => {
    const stage = new Stage();
    stage.outcome = REFUSED;
    stage.add(1);
    await stage.run(AT, AT + 30 * MINUTE, 5000);
    stage.add(1);
    await stage.run(AT + 30 * MINUTE, AT + 30 * MINUTE + QUIET, 5000);
    expect(stage.target.troubleAt(AT + 30 * MINUTE + QUIET - 1)).to.equal('no; events given up: 2');
    await stage.run(AT + 30 * MINUTE + QUIET, AT + 31 * MINUTE + QUIET, 5000);
    expect(stage.target.troubleAt(AT + 31 * MINUTE + QUIET)).to.equal(undefined);
    expect([stage.target.isWorking, stage.failures.length]).to.deep.equal([false, 1]);
    stage.add(1);
    await stage.run(AT + 32 * MINUTE + QUIET, AT + 33 * MINUTE + QUIET);
    expect(stage.failures).to.deep.equal(['no', 'no']);
  });

  it('last as long as the notice is tried again', async () => {
    const stage = new Stage();
    stage.outcome = { ...BUSY, after: HOUR };
    stage.add(1);
    await stage.run(AT, AT + 2 * HOUR, 5000);
    expect(stage.target.troubleAt(AT + 2 * HOUR)).to.equal('busy; events given up: 1');
    await stage.run(AT + 2 * HOUR, AT + 2 * HOUR + 10 * MINUTE, 5000);
    expect(stage.target.troubleAt(AT + 2 * HOUR + 10 * MINUTE)).to.equal(undefined);
  });

  it('are a trouble after five minutes', async () => {
    const stage = new Stage();
    stage.outcome = BUSY;
    stage.add(1);
    await stage.run(AT, AT + 2000);
    expect(stage.target.troubleAt(AT + FAILING_FOR)).to.equal(undefined);
    expect(stage.target.troubleAt(AT + FAILING_FOR + 2000)).to.equal('busy');
    await stage.run(AT + 2000, AT + 2 * HOUR, 5000);
    expect(stage.target.troubleAt(AT + 2 * HOUR)).to.equal('busy; events given up: 1');
  });
});

describe('notices/target: the end', () => {
  it('sends what waits, without a pause', async () => {
    const stage = new Stage();
    stage.add(1);
    await stage.run(AT, AT + 1);
    stage.add(1);
    await stage.target.finish(AT + 1);
    expect([stage.totals, stage.target.unsent]).to.deep.equal([[1, 1], 0]);
  });

  it('does not try again what fails', async () => {
    const stage = new Stage();
    stage.outcome = BUSY;
    stage.add(1);
    await stage.target.finish(AT);
    expect([stage.totals, stage.target.unsent]).to.deep.equal([[1], 1]);
  });

  it('ends a delivery that hangs, and knows what is unsent', async () => {
    const stage = new Stage();
    stage.outcome = undefined;
    stage.add(1);
    const finished = stage.target.finish(AT);
    await new Promise((resolve) => setImmediate(resolve));
    stage.add(1);
    stage.target.abort();
    await finished;
    expect([stage.totals, stage.target.unsent]).to.deep.equal([[1], 2]);
  });
});

describe('notices/target: each event', () => {
  const OUTCOMES = fc.constantFrom<Outcome | undefined>(SENT, BUSY, REFUSED, undefined);
  const STEPS = fc.array(fc.tuple(fc.nat(300), OUTCOMES), { maxLength: 40 });

  it('is delivered once, or counted, whatever becomes of the deliveries', async () => {
    await fc.assert(
      fc.asyncProperty(STEPS, async (steps) => {
        const stage = new Stage();
        let now = AT;
        for (const [events, outcome] of steps) {
          stage.add(events);
          stage.end(BUSY);
          stage.outcome = outcome;
          await stage.run(now, now + 10 * MINUTE, MINUTE);
          now += 10 * MINUTE;
        }
        stage.end(SENT);
        await stage.run(now, now + 1);
        const delivered = stage.delivered.reduce((sum, { total }) => sum + total, 0);
        const added = steps.reduce((sum, [events]) => sum + events, 0);
        expect(new Set(stage.delivered).size).to.equal(stage.delivered.length);
        expect(delivered + stage.target.unsent).to.equal(added);
        for (const { events, total, leftOut } of stage.notices)
          expect(events.length + leftOut).to.equal(total);
      }),
      { numRuns: scaled(50) },
    );
  });
});
