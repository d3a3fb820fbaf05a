// Counts over time: events and blocks of each rule, and the mail that Postfix accepted and that blocks would have lost.

import { isInMask, NAMES } from '../../blocks/events/codes.ts';
import type { CountingRule } from '../../blocks/rules.ts';
import type { Timeline } from './report.ts';
import { type Series, Slices } from './slices.ts';

interface RuleSeries {
  readonly rule: string;
  readonly events: Series;
  readonly blocks: Series;
}

/** All times in ms since 1970. */
export class TimelineCounts {
  readonly #slices = new Slices();
  readonly #rules: readonly RuleSeries[];
  /** by event code: the events of the rules that count it */
  readonly #counting: readonly (readonly Series[])[];
  readonly #accepted = this.#slices.series();
  readonly #lost = this.#slices.series();

  constructor(rules: readonly CountingRule[]) {
    this.#rules = rules.map(({ name }) => ({
      rule: name,
      events: this.#slices.series(),
      blocks: this.#slices.series(),
    }));
    this.#counting = NAMES.map((_, code) =>
      this.#rules.flatMap(({ events }, i) => (isInMask(rules[i]?.mask ?? 0, code) ? [events] : [])),
    );
  }

  /** @param code of the event */
  event(code: number, at: number): void {
    for (const series of this.#counting[code] ?? []) series.add(at);
  }

  block(rule: string, at: number): void {
    this.#rules.find((series) => series.rule === rule)?.blocks.add(at);
  }

  accept(at: number): void {
    this.#accepted.add(at);
  }

  lose(at: number): void {
    this.#lost.add(at);
  }

  get report(): Timeline {
    return {
      start: this.#slices.start,
      width: this.#slices.width,
      rules: this.#rules.map(({ rule, events, blocks }) => ({
        rule,
        events: events.counts,
        blocks: blocks.counts,
      })),
      accepted: this.#accepted.counts,
      lost: this.#lost.counts,
    };
  }
}
