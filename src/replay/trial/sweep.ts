// A sweep: one option of one rule, with several values side by side.

import type { AbuseEvent } from '../../blocks/events/event.ts';
import type { Terms } from '../../blocks/terms.ts';
import type { Sweep } from '../report/report.ts';
import { TrialTally } from './trial-tally.ts';

/** The option of a sweep, and a policy for each value. */
export interface SweepPlan {
  /** as in `rules.auth-failures.limit` */
  readonly key: string;
  readonly rule: string;
  readonly values: readonly { readonly value: string; readonly isCurrent: boolean; readonly terms: Terms }[];
}

export class SweepRun {
  readonly #plan: SweepPlan;
  readonly tallies: readonly TrialTally[];

  constructor(plan: SweepPlan) {
    this.#plan = plan;
    this.tallies = plan.values.map(({ terms }) => new TrialTally(terms));
  }

  /** @param code of the event */
  abuse(event: AbuseEvent, code: number, ip: string): void {
    for (const tally of this.tallies) tally.abuse(event, code, ip);
  }

  get report(): Sweep {
    const { key, rule, values } = this.#plan;
    return {
      key,
      rule,
      values: values.map(({ value, isCurrent }, i) => {
        const tally = this.tallies[i]?.tallyOf(rule);
        return {
          value,
          isCurrent,
          blocks: tally?.blocks ?? 0,
          ips: tally?.ips ?? 0,
          events: tally?.events ?? 0,
          stopped: tally?.stopped ?? 0,
          lost: tally?.lost ?? 0,
          lostIps: tally?.lostIps ?? 0,
          sparedIps: tally?.sparedIps ?? 0,
        };
      }),
    };
  }
}
