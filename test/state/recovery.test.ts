// A crash at any moment, between any lines of the log and any acts by hand, changes nothing that is known or told.

import { expect } from 'chai';
import fc from 'fast-check';
import type { Blocks } from '../../src/blocks/blocks.ts';
import { touchedAt } from '../../src/blocks/table/eviction.ts';
import { isPinned } from '../../src/blocks/table/record-state.ts';
import type { ClientView } from '../../src/blocks/table/table-view.ts';
import type { AuditEntry } from '../../src/state/audit.ts';
import { MINUTE } from '../../src/values/duration.ts';
import { START, stateOf, termsOf } from '../blocks/blocks-fixture.ts';
import { Host, type Line } from '../blocks/history.ts';
import { acted, gap, logged, RULES, read, simple } from '../blocks/steps.ts';
import { scaled } from '../harness/scale.ts';

const TERMS = termsOf({ rules: RULES });

/** A life that ends before the daemon has caught up: how many lines it reads, and what it does then. */
interface Life {
  readonly count: number;
  readonly isTicking: boolean;
  readonly isFlushing: boolean;
  readonly isSaving: boolean;
}

const life: fc.Arbitrary<Life> = fc.record({
  count: fc.nat(6),
  isTicking: fc.boolean(),
  isFlushing: fc.boolean(),
  isSaving: fc.boolean(),
});
const crashed = fc.record({
  type: fc.constant('crash' as const),
  lives: fc.array(life, { maxLength: 2 }),
  twice: fc.nat(6),
});
const step = fc.oneof(
  { weight: 8, arbitrary: logged },
  { weight: 4, arbitrary: read },
  { weight: 4, arbitrary: acted },
  { weight: 3, arbitrary: simple },
  { weight: 2, arbitrary: crashed },
);
const history = fc.array(fc.record({ gap, step }), { maxLength: 60 });

type Steps = typeof history extends fc.Arbitrary<infer T> ? T : never;

interface Outcome {
  /** ms after START: when it ended */
  readonly now: number;
  /** what the commands said */
  readonly said: readonly unknown[];
  readonly host: Host;
}

/** Goes through a history; without crashes, as if there had been none of them. */
function lived(steps: Steps, withCrashes: boolean): Outcome {
  const log: Line[] = [];
  const host = new Host(TERMS, log);
  const said: unknown[] = [];
  let now = 0;
  for (const { gap, step } of steps) {
    now += gap;
    if (step.type === 'log') log.push({ ...step, time: Math.max(0, now - step.lag) });
    else if (step.type === 'read') host.read(host.position + step.count, now);
    else if (step.type === 'act') said.push(host.act(step.act, now));
    else if (step.type === 'tick') host.tick(now);
    else if (step.type === 'flush') host.flush();
    else if (withCrashes && step.type === 'snapshot') host.snapshot();
    else if (withCrashes && step.type === 'crash') crash(host, step, now);
  }
  host.read(log.length, now);
  host.tick(now);
  host.flush();
  return { now, said, host };
}

interface Crash {
  readonly lives: readonly Life[];
  readonly twice: number;
}

/** Some lives that are cut short, and one that reads on to where it all began. */
function crash(host: Host, { lives, twice }: Crash, now: number): void {
  const { position } = host;
  for (const { count, isTicking, isFlushing, isSaving } of lives) {
    host.crash(now, twice);
    host.read(Math.min(position, host.position + count), now);
    if (isTicking) host.tick(now);
    if (isFlushing) host.flush();
    if (isSaving) host.snapshot();
  }
  host.crash(now, twice);
  host.read(position, now);
}

/**
 * What the trail tells, by client and what it is about: what has its end by time may be noticed to be over before or
 * after something else. How often a block refused is as far as the log was read when it ended.
 */
function changesByClient(entries: readonly AuditEntry[]): Record<string, string[]> {
  const lines: Record<string, string[]> = {};
  for (const { version: _, sequence: __, written: ___, refused: ____, ...facts } of entries) {
    const whose = `${facts.ip} ${facts.rule ?? (facts.event === 'grace' ? 'grace' : 'allowed')}`;
    lines[whose] = [...(lines[whose] ?? []), JSON.stringify(facts)];
  }
  return lines;
}

/** All that counts at the end; what nothing needs any more may have been forgotten or not. */
function known(blocks: Blocks, now: number): Record<string, unknown> {
  const states: Record<string, unknown> = {};
  const walk = blocks.table.walk((record) => {
    const from = START + now - TERMS.rules.longest - MINUTE;
    const isNeeded = isPinned(record) || touchedAt(record) >= from;
    if (isNeeded) states[record.key] = bareStateOf(record, from);
  });
  while (walk.step(100));
  return { states, allowed: blocks.allowEntries.saved };
}

/** The details of a block by hand, and of a watched block, may be missing after a crash. */
function bareStateOf(record: ClientView, from: number) {
  const { block, watches, floor, evidence = [], ...state } = stateOf(record);
  return {
    ...state,
    grace: record.grace,
    evidence: [...evidence].filter(({ at }) => at >= from),
    // That of a running block is raised when it ends.
    floor: block === undefined ? floor : 'later',
    block: block?.hand === undefined ? block : bare(block),
    watches: watches?.map(bare),
  };
}

function bare<T extends object>({
  counts: _,
  evidence: __,
  ...block
}: T & { counts?: unknown; evidence?: unknown }) {
  return block;
}

describe('state/recovery', () => {
  it('gives what one uninterrupted run gives, whatever was read, done, saved and killed in between', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const whole = lived(steps, false);
        const killed = lived(steps, true);
        expect(killed.said, 'what the commands said').to.deep.equal(whole.said);
        expect(changesByClient(killed.host.entries), 'the trail').to.deep.equal(
          changesByClient(whole.host.entries),
        );
        expect(known(killed.host.blocks, killed.now)).to.deep.equal(known(whole.host.blocks, whole.now));
      }),
      { numRuns: scaled(1000) },
    );
  });
});
