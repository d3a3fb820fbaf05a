// The trials of a replay, side by side: the policy itself, and each value of each sweep.

import type { AuditedChange } from '../../blocks/changes.ts';
import { isInMask, NAMES } from '../../blocks/events/codes.ts';
import type { AbuseEvent, Refusal } from '../../blocks/events/event.ts';
import type { Terms } from '../../blocks/terms.ts';
import type { RuleReport, Sweep, Total } from '../report/report.ts';
import type { RuleTally } from './rule-tally.ts';
import { type SweepPlan, SweepRun } from './sweep.ts';
import { TrialTally } from './trial-tally.ts';

/** For each trial, the rules that block one client. */
export type RulesByTrial = readonly (readonly string[])[];

export class Trials {
  readonly #policy: TrialTally;
  readonly #sweeps: readonly SweepRun[];
  /** the policy itself is the first */
  readonly all: readonly TrialTally[];
  readonly #enforced: readonly RuleTally[];
  readonly #enforcedNames: ReadonlySet<string>;
  /** by event code: whether an enforced rule counts it */
  readonly #isCounted: readonly boolean[];
  #counted = 0;
  #stopped = 0;

  /** @param onChange called when a block of the policy starts or ends, by the log's time */
  constructor(terms: Terms, sweeps: readonly SweepPlan[], onChange: (change: AuditedChange) => void) {
    this.#policy = new TrialTally(terms, onChange);
    this.#sweeps = sweeps.map((sweep) => new SweepRun(sweep));
    this.all = [this.#policy, ...this.#sweeps.flatMap(({ tallies }) => tallies)];
    this.#enforced = this.#policy.rules.filter(({ rule }) => rule.enforce);
    this.#enforcedNames = new Set(this.#enforced.map(({ rule }) => rule.name));
    this.#isCounted = NAMES.map((_, code) => this.#enforced.some(({ rule }) => isInMask(rule.mask, code)));
  }

  /** Takes an own refusal. */
  refusal(event: Refusal): void {
    for (const tally of this.all) tally.refusal(event);
  }

  /**
   * Takes abuse by a client that is not on the allow list.
   *
   * @param code of the event
   * @param ip the client key
   * @returns whether the policy refuses the client already when it happens
   */
  abuse(event: AbuseEvent, code: number, ip: string): boolean {
    const isStopped = this.isRefused(this.#policy.abuse(event, code, ip));
    if (this.#isCounted[code] === true) {
      this.#counted++;
      if (isStopped) this.#stopped++;
    }
    for (const sweep of this.#sweeps) sweep.abuse(event, code, ip);
    return isStopped;
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
    const blocks = this.#enforced.reduce((sum, tally) => sum + tally.blocks, 0);
    return { blocks, counted: this.#counted, stopped: this.#stopped };
  }

  get rules(): readonly RuleReport[] {
    return this.#policy.rules.map(({ report }) => report);
  }

  get sweeps(): readonly Sweep[] {
    return this.#sweeps.map(({ report }) => report);
  }
}
