// Events of the log by kind and class.

import { classOfCode, codeOfEvent, kindOfCode, NAMES } from '../../blocks/events/codes.ts';
import { CLASSES, type GoodEvent, isGood, type LogEvent } from '../../blocks/events/event.ts';
import type { Sample } from './families.ts';

const GOOD: readonly GoodEvent['kind'][] = ['accepted-message', 'login', 'ended-connection'];

export class EventCounts {
  /** by code, and behind these what clients did well */
  readonly #events = new Array<number>(NAMES.length + GOOD.length).fill(0);

  /** Own refusals are not counted here: they are by rule. */
  add(event: LogEvent): void {
    if (event.kind === 'refusal') return;
    const index = isGood(event) ? NAMES.length + GOOD.indexOf(event.kind) : codeOfEvent(event);
    this.#events[index] = (this.#events[index] ?? 0) + 1;
  }

  /** Each kind and class, also those that did not occur. */
  get samples(): readonly Sample[] {
    const abuse = NAMES.flatMap((_, code): Sample[] => {
      const kind = kindOfCode(code);
      const name = classOfCode(code);
      // Every event of a kind with classes has one.
      return name === undefined && kind in CLASSES ? [] : [[this.#events[code] ?? 0, kind, name ?? '']];
    });
    return [...abuse, ...GOOD.map((kind, i): Sample => [this.#events[NAMES.length + i] ?? 0, kind, ''])];
  }
}
