// A trial with a tally for each of its rules: what the rule would have stopped and cost.

import type { Change } from '../../blocks/changes.ts';
import { isInMask, NAMES } from '../../blocks/events/codes.ts';
import type { AbuseEvent } from '../../blocks/events/event.ts';
import { needsGood, type Terms } from '../../blocks/terms.ts';
import { RuleTally } from './rule-tally.ts';
import { Trial } from './trial.ts';

export class TrialTally {
  readonly trial: Trial;
  readonly rules: readonly RuleTally[];
  /** whether its terms need what clients did well */
  readonly needsGood: boolean;
  /** by event code: the tallies of the rules that count it */
  readonly #counting: readonly (readonly RuleTally[])[];
  readonly #onChange: (change: Change) => void;

  /** @param onChange called with each change, by the log's time */
  constructor(terms: Terms, onChange: (change: Change) => void = () => undefined) {
    this.rules = terms.rules.rules.map((rule) => new RuleTally(rule));
    this.needsGood = needsGood(terms);
    this.#counting = NAMES.map((_, code) => this.rules.filter(({ rule }) => isInMask(rule.mask, code)));
    this.#onChange = onChange;
    this.trial = new Trial(terms, (change) => this.#changed(change));
  }

  tallyOf(rule: string): RuleTally | undefined {
    return this.rules.find((tally) => tally.rule.name === rule);
  }

  /**
   * Takes abuse by a client that is not on the allow list.
   *
   * @param code of the event
   * @param ip the client key
   * @returns the rules that block the client already when it happens
   */
  abuse(event: AbuseEvent, code: number, ip: string): readonly string[] {
    const blocking = this.trial.abuse(event, ip);
    for (const tally of this.#counting[code] ?? []) {
      tally.events++;
      if (blocking.length > 0 && blocking.includes(tally.rule.name)) tally.stopped++;
    }
    return blocking;
  }

  #changed(change: Change): void {
    if (change.type === 'block') this.tallyOf(change.rule)?.block(change);
    else if (change.type === 'spared') this.tallyOf(change.rule)?.spare(change);
    this.#onChange(change);
  }
}
