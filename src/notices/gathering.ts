// The events that wait for the next notice of a target: a bounded list, and the number of all.

import type { NoticeKind } from '../config/fields/notice-fields.ts';
import type { NoticeEvent } from './event.ts';

/** Number of events by kind; a kind without any is missing. */
export type Counts = Readonly<Partial<Record<NoticeKind, number>>>;

export interface Gathered {
  /** in the order in which they happened */
  readonly events: readonly NoticeEvent[];
  /** of all events, also of those that are not in the list */
  readonly counts: Counts;
}

/** Events that a notice lists; more are counted. */
export const MAX_LISTED = 100;
/** Troubles and turns of the breaker have places of their own: a flood of blocks must not hide its cause. */
export const MAX_TROUBLES = 50;

export class Gathering {
  #events: NoticeEvent[] = [];
  #troubles = 0;
  #counts: Partial<Record<NoticeKind, number>> = {};
  #hasNew = false;

  /** Whether something has happened since the last notice. What was given up waits for that, too. */
  get hasNew(): boolean {
    return this.#hasNew;
  }

  get total(): number {
    return totalOf(this.#counts);
  }

  add(event: NoticeEvent): void {
    this.#count(event.event, 1);
    this.#hasNew = true;
    const isTrouble = event.event === 'trouble' || event.event === 'breaker';
    const others = this.#events.length - this.#troubles;
    if (isTrouble ? this.#troubles >= MAX_TROUBLES : others >= MAX_LISTED) return;
    if (isTrouble) this.#troubles++;
    this.#events.push(event);
  }

  /** Counts the events of a notice that was given up: the next notice reports that there were so many. */
  leaveOut(counts: Counts): void {
    for (const [kind, count] of Object.entries(counts)) this.#count(kind as NoticeKind, count);
  }

  /** Everything that waits; nothing waits afterwards. */
  take(): Gathered {
    const gathered = { events: this.#events, counts: this.#counts };
    this.#events = [];
    this.#troubles = 0;
    this.#counts = {};
    this.#hasNew = false;
    return gathered;
  }

  #count(kind: NoticeKind, count: number): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + count;
  }
}

export function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
