// The trials of a replay, side by side: the policy itself, the policy without what spares, and each value of each sweep.

import type { Change } from '../../blocks/changes.ts';
import { isInMask, NAMES } from '../../blocks/events/codes.ts';
import type { AbuseEvent, GoodEvent, Refusal } from '../../blocks/events/event.ts';
import type { Terms } from '../../blocks/terms.ts';
import type { RuleReport, Sweep, Total } from '../report/report.ts';
import type { Unspared } from '../report/sparing.ts';
import { absoluteTerms } from './absolute-terms.ts';
import type { RuleTally } from './rule-tally.ts';
import { type SweepPlan, SweepRun } from './sweep.ts';
import { TrialTally } from './trial-tally.ts';

/** For each trial, the rules that block one client. */
export type RulesByTrial = readonly (readonly string[])[];

export class Trials {
  readonly policy: TrialTally;
  /** the policy where it spares nobody; undefined where it has nothing that spares */
  readonly without: TrialTally | undefined;
  readonly #sweeps: readonly SweepRun[];
  readonly all: readonly TrialTally[];
  /** those whose terms need what clients did well */
  readonly #weighing: readonly TrialTally[];
  readonly #enforcedNames: ReadonlySet<string>;
  /** by event code: whether an enforced rule counts it */
  readonly #isCounted: readonly boolean[];
  #counted = 0;
  #stopped = 0;
  #stoppedWithout = 0;
  #lostWithout = 0;

  /** @param onChange called with each change of the policy's trial, by the log's time */
  constructor(terms: Terms, sweeps: readonly SweepPlan[], onChange: (change: Change) => void) {
    this.policy = new TrialTally(terms, onChange);
    const absolute = absoluteTerms(terms);
    this.without = absolute && new TrialTally(absolute);
    this.#sweeps = sweeps.map((sweep) => new SweepRun(sweep));
    this.all = [this.policy, this.without ?? [], this.#sweeps.flatMap(({ tallies }) => tallies)].flat();
    this.#weighing = this.all.filter(({ needsGood }) => needsGood);
    const enforced = enforcedOf(this.policy);
    this.#enforcedNames = new Set(enforced.map(({ rule }) => rule.name));
    this.#isCounted = NAMES.map((_, code) => enforced.some(({ rule }) => isInMask(rule.mask, code)));
  }

  /** Whether a trial needs what clients did well. */
  get needsGood(): boolean {
    return this.#weighing.length > 0;
  }

  /** Takes an own refusal. */
  refusal(event: Refusal): void {
    for (const { trial } of this.all) trial.take(event);
  }

  good(event: GoodEvent): void {
    for (const { trial } of this.#weighing) trial.take(event);
  }

  /** Takes abuse by a client that the allow list covers by `private` alone: such a client is never blocked. */
  privateAbuse(event: AbuseEvent): void {
    this.policy.trial.take(event);
  }

  /**
   * Takes abuse by a client that is not on the allow list.
   *
   * @param code of the event
   * @param ip the client key
   * @returns whether the policy refuses the client already when it happens
   */
  abuse(event: AbuseEvent, code: number, ip: string): boolean {
    const isStopped = this.isRefused(this.policy.abuse(event, code, ip));
    const isStoppedWithout =
      this.without !== undefined && this.isRefused(this.without.abuse(event, code, ip));
    if (this.#isCounted[code] === true) {
      this.#counted++;
      if (isStopped) this.#stopped++;
      if (isStoppedWithout) this.#stoppedWithout++;
    }
    for (const sweep of this.#sweeps) sweep.abuse(event, code, ip);
    return isStopped;
  }

  /** A mail would be lost if the policy spared nobody. */
  loseWithout(): void {
    this.#lostWithout++;
  }

  /**
   * The log has reached `now` (ms): called every second of its time, as in the daemon.
   *
   * @param settled ms; as far as can be known, no line that is still to be read is older
   */
  advance(now: number, settled: number): void {
    for (const { trial } of this.all) trial.advance(now, settled);
  }

  /** Ends the blocks that expire by `now` (ms), the end of the log. */
  finish(now: number): void {
    for (const { trial } of this.all) trial.finish(now);
  }

  /**
   * The rules that block a client at a moment (ms); undefined where no trial has one. The allow list is not consulted.
   *
   * @param ip the client key
   */
  rulesBlocking(ip: string, at: number): RulesByTrial | undefined {
    // Called for each mail, of which few come from a client that is blocked.
    if (!this.all.some(({ trial }) => trial.mayBlock(ip))) return undefined;
    const rules = this.all.map(({ trial }) => trial.rulesBlocking(ip, at));
    return rules.some(({ length }) => length > 0) ? rules : undefined;
  }

  /** Whether the policy enforces one of these rules. */
  isRefused(rules: readonly string[]): boolean {
    for (const rule of rules) if (this.#enforcedNames.has(rule)) return true;
    return false;
  }

  /** Records evicted in the trial that evicted the most. */
  get evicted(): number {
    return Math.max(...this.all.map(({ trial }) => trial.evicted));
  }

  get total(): Total {
    return { blocks: blocksOf(this.policy), counted: this.#counted, stopped: this.#stopped };
  }

  /** What the policy would do if it spared nobody; null where it has nothing that spares. */
  get unspared(): Unspared | null {
    if (this.without === undefined) return null;
    return { blocks: blocksOf(this.without), stopped: this.#stoppedWithout, lost: this.#lostWithout };
  }

  get rules(): readonly RuleReport[] {
    return this.policy.rules.map((tally, i) => tally.report(this.without?.rules[i]));
  }

  get sweeps(): readonly Sweep[] {
    return this.#sweeps.map(({ report }) => report);
  }
}

function enforcedOf({ rules }: TrialTally): readonly RuleTally[] {
  return rules.filter(({ rule }) => rule.enforce);
}

function blocksOf(tally: TrialTally): number {
  return enforcedOf(tally).reduce((sum, { blocks }) => sum + blocks, 0);
}
