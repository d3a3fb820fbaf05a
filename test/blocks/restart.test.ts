// A host with shares, a breaker and repeated blocks that is killed at any moment: its audit trail is that of one that was not.

import { expect } from 'chai';
import fc from 'fast-check';
import { Blocks } from '../../src/blocks/blocks.ts';
import { type Change, isAudited } from '../../src/blocks/changes.ts';
import type { LogEvent } from '../../src/blocks/events/event.ts';
import type { SavedGoodClient } from '../../src/blocks/good/saved-good-client.ts';
import type { Rule } from '../../src/blocks/rules.ts';
import type { SavedBreaker } from '../../src/blocks/sparing/breaker.ts';
import { auditEntry, changeOf, parseAuditLine } from '../../src/state/audit.ts';
import { parseRecord, recordLine } from '../../src/state/snapshot/client-line.ts';
import { DAY, HOUR, MINUTE } from '../../src/values/duration.ts';
import { SEED } from '../harness/scale.ts';
import { AUTH, eventOf, START, termsOf } from './blocks-fixture.ts';

const HAND = { by: 'alice', why: 'ticket 4711' };
const RULES: readonly Rule[] = [
  { ...AUTH, blockFor: 10 * MINUTE, share: 0.5, repeat: { within: DAY, factor: 2, most: 45 * MINUTE } },
  { ...AUTH, name: 'recipients', counts: ['rejected-recipient'], limit: 2, blockFor: MINUTE, share: 0.4 },
  { ...AUTH, name: 'watch', counts: ['rejected-recipient'], limit: 3, blockFor: MINUTE, enforce: false },
];
const TERMS = termsOf({ rules: RULES, breaker: { clients: 2, share: 0.2, within: 10 * MINUTE } });

/** What a daemon saved last. */
interface Saved {
  readonly lines: readonly string[];
  readonly good: readonly SavedGoodClient[];
  readonly counters: Blocks['good']['savedCounters'];
  readonly breaker: SavedBreaker | undefined;
  readonly sequence: number;
  readonly position: number;
  readonly now: number;
}

/** A daemon without files and clock, whose log is read as it is written. Times in ms after START. */
class Daemon {
  blocks = this.#started();
  readonly #trail: string[] = [];
  #waiting: string[] = [];
  readonly #log: LogEvent[] = [];
  #saved: Saved | undefined;

  read(event: LogEvent): void {
    this.#log.push(event);
    this.blocks.take(event, event.at);
  }

  tick(now: number): void {
    while (this.blocks.expire(START + now));
    this.blocks.forget(START + now);
    this.blocks.caughtUp();
  }

  resume(now: number): void {
    this.blocks.resume(START + now, HAND);
    this.flush();
  }

  unblock(client: string, now: number): void {
    this.blocks.lift(client, START + now, HAND, undefined);
    this.flush();
  }

  flush(): void {
    this.#trail.push(...this.#waiting.splice(0));
  }

  snapshot(now: number): void {
    this.flush();
    const lines: string[] = [];
    const good: SavedGoodClient[] = [];
    const { blocks } = this;
    const walk = blocks.table.walk((record) => lines.push(recordLine(record)));
    while (walk.step(100));
    const goodWalk = blocks.good.walk((client) => good.push(structuredClone(client)));
    while (goodWalk.step(100));
    const { savedCounters: counters } = blocks.good;
    const { saved: breaker } = blocks.breaker;
    const position = this.#log.length;
    this.#saved = { lines, good, counters, breaker, sequence: this.#trail.length, position, now };
  }

  /** kill -9, a start, and the log read again to its end. */
  crash(now: number): void {
    this.#waiting = [];
    this.blocks = this.#started();
    const saved = this.#saved;
    for (const line of saved?.lines ?? []) {
      const { key, state } = parseRecord(line, 1);
      this.blocks.loading.client(key, state);
    }
    this.blocks.loading.goodCounters(saved?.counters ?? [], START + (saved?.now ?? 0));
    for (const client of saved?.good ?? []) this.blocks.loading.goodClient(client);
    if (saved?.breaker !== undefined) this.blocks.loading.breaker(saved.breaker);
    for (const line of this.#trail.slice(saved?.sequence ?? 0)) {
      const entry = parseAuditLine(line);
      const change = entry && changeOf(entry);
      if (change !== undefined) this.blocks.redo(change);
    }
    this.blocks.adopt(TERMS, START + now);
    for (const event of this.#log.slice(saved?.position ?? 0)) this.blocks.take(event, START + now);
  }

  /** The lines of the trail in order of time; lines of one moment in any order. */
  get told(): readonly string[] {
    this.flush();
    return this.#trail
      .map((line) => {
        const { version: _, sequence: __, written: ___, ...facts } = parseAuditLine(line) ?? {};
        return JSON.stringify(facts);
      })
      .sort();
  }

  #started(): Blocks {
    return new Blocks(TERMS, (change) => this.#note(change));
  }

  #note(change: Change): void {
    if (isAudited(change)) this.#waiting.push(JSON.stringify(auditEntry(change, 1, change.at)));
  }
}

const CLIENTS = [1, 2, 3, 4].map((n) => `192.0.2.${n}`);
const client = fc.constantFrom(...CLIENTS);
const user = fc.integer({ min: 1, max: 3 });
const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom('outage' as const, 'logins', 'mails'), client, user }),
  },
  { weight: 5, arbitrary: fc.record({ what: fc.constantFrom('fail' as const, 'reject'), client, user }) },
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constantFrom('login' as const, 'accept', 'accept'), client, user }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom('tick' as const, 'flush', 'snapshot'), client, user }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('resume' as const, 'unblock'), client, user }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const gap = fc.constantFrom(0, 0, 1, 1000, MINUTE, 4 * MINUTE, 11 * MINUTE, HOUR);
/** ms by which a line is late */
const lag = fc.constantFrom(0, 0, 0, 0, 1, 1000, 30_000);
const steps = fc.array(fc.tuple(step, gap, lag), { maxLength: 80 });
type Steps = readonly (readonly [Step, number, number])[];

/** Steps before which the daemon is killed: some, or each. */
const kills = fc.oneof(
  fc.array(fc.nat(80), { minLength: 1, maxLength: 3 }),
  fc.constant(Array.from({ length: 80 }, (_, i) => i)),
);

/** What all clients do. */
const ALL = { outage: 'fail', logins: 'login', mails: 'accept' } as const;

/** Abuse comes in bursts that reach the limit. */
function take(daemon: Daemon, { what, client: address, user }: Step, now: number, lag: number): void {
  const time = now - lag;
  const at = START + time;
  if (what === 'outage' || what === 'logins' || what === 'mails') {
    for (const one of CLIENTS) take(daemon, { what: ALL[what], client: one, user }, now, lag);
  } else if (what === 'fail') {
    for (let i = 0; i < 3; i++) daemon.read({ ...eventOf(address, time), user: user + i });
  } else if (what === 'reject') {
    for (let i = 0; i < 2; i++) daemon.read(eventOf(address, time, 'rejected-recipient'));
  } else if (what === 'login') daemon.read({ kind: 'login', address, at, user });
  else if (what === 'accept') daemon.read({ kind: 'accepted-message', address, at, recipients: 2 * user });
  else if (what === 'unblock') daemon.unblock(address, now);
  else daemon[what](now);
}

/** @param killedAt steps before which the daemon is killed @returns the audit trail */
function history(list: Steps, killedAt: readonly number[]): readonly string[] {
  const daemon = new Daemon();
  let now = 0;
  for (const [i, [step, gap, lag]] of list.entries()) {
    now += gap;
    if (killedAt.includes(i)) daemon.crash(now);
    take(daemon, step, now, lag);
  }
  daemon.tick(now + DAY);
  return daemon.told;
}

const IP = '192.0.2.1';

/** Steps of one client, each at the same minute as the one before or some minutes later. */
function stepsOf(...list: readonly (readonly [Step['what'], minutes?: number])[]): Steps {
  return list.map(([what, minutes = 0]) => [{ what, client: IP, user: 3 } as Step, minutes * MINUTE, 0]);
}

describe('blocks/restart: a daemon that is killed at any moment', () => {
  it('reports the same blocks, ends, spared clients and turns of the breaker, each once', () => {
    fc.assert(
      fc.property(steps, kills, (list, killedAt) => {
        expect(history(list, killedAt)).to.deep.equal(history(list, []));
      }),
      { numRuns: 2000 },
    );
  });

  it('is tried with all that an audit trail can hold', () => {
    // The same lists in each run: random ones lack a kind of line now and then.
    const lists = fc.sample(steps, { numRuns: 2000, seed: SEED });
    const lines = lists.flatMap((list) => history(list, []).map((line) => JSON.parse(line)));
    const kinds = lines.map(({ event, state, reason }) => [event, state, reason].filter(Boolean).join(' '));
    expect([...new Set(kinds)]).to.include.members([
      'block',
      'breaker open',
      'breaker closed expired',
      'breaker closed resumed',
      'spared breaker',
      'spared share',
    ]);
  });

  it('has the same good counts where a block ended after the snapshot', () => {
    const list = stepsOf(['accept'], ['snapshot'], ['fail'], ['unblock', 2], ['reject', 1]);
    expect(history(list, [4])).to.deep.equal(history(list, []));
    expect(history(list, []).filter((line) => line.includes('"block"'))).to.have.lengthOf(2);
  });

  it('has the same clients in good standing where a block ended after the snapshot', () => {
    const list = stepsOf(['accept'], ['fail'], ['tick', 11], ['flush'], ['fail', 1]);
    expect(history(list, [4])).to.deep.equal(history(list, []));
    expect(history(list, []).filter((line) => line.includes('inStanding'))).to.have.lengthOf(2);
  });
});
