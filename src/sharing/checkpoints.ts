// Positions in the log from which events are sent again: the newest before which the server has counted everything.

import type { Bookmark } from '../state/state.ts';
import { DAY, MINUTE } from '../values/duration.ts';

/** ms between two positions that are kept for a server that has lost what it held */
const STEP = 5 * MINUTE;
/** Positions that are kept for that. */
const MAX_KEPT = DAY / STEP;
/** Of them, those that a snapshot holds. */
const MAX_SAVED = 16;

/** A position with all that reading on from it needs. */
export interface Checkpoint extends Omit<Bookmark, 'sessions'> {
  /** ms since 1970: when it was taken */
  readonly at: number;
  /** JSON: the sessions themselves go on changing */
  readonly sessions: string;
}

export function checkpointOf({ log, clocks, numbers, texts, sessions }: Bookmark, at: number): Checkpoint {
  return {
    at,
    log,
    ...(clocks && { clocks }),
    ...(numbers && { numbers }),
    texts,
    sessions: JSON.stringify(sessions),
  };
}

interface Pending {
  readonly checkpoint: Checkpoint;
  /** of the batches: behind all events from before it */
  readonly mark: number;
}

export class Checkpoints {
  #current: Checkpoint | undefined;
  /** not all events before them are counted; the oldest first */
  #pending: readonly Pending[] = [];
  /** without sessions, the oldest first */
  #kept: readonly Checkpoint[] = [];

  /** Everything before it is counted. Undefined until there is one. */
  get current(): Checkpoint | undefined {
    return this.#current;
  }

  /** Positions to go back to, the oldest first: not so many that a snapshot could not hold them. */
  get saved(): readonly Checkpoint[] {
    const step = Math.ceil(this.#kept.length / MAX_SAVED);
    return this.#kept.filter((_, index) => index % step === 0);
  }

  /** Takes a position before which everything is counted. @param saved positions to go back to, the oldest first */
  set(checkpoint: Checkpoint, saved: readonly Checkpoint[] = []): void {
    this.#kept = saved;
    this.#current = checkpoint;
    this.#pending = [];
    this.#keep(checkpoint);
  }

  /** Takes a position that becomes the current one when the batches have acknowledged the mark. */
  add(checkpoint: Checkpoint, mark: number): void {
    // With a slow server the oldest is the next that can become the current one.
    this.#pending = [...this.#pending.slice(0, 1), { checkpoint, mark }];
  }

  /** Call when batches were acknowledged. */
  settle(isAcknowledged: (mark: number) => boolean): void {
    const done = this.#pending.filter(({ mark }) => isAcknowledged(mark));
    const last = done.at(-1);
    if (last === undefined) return;
    this.#current = last.checkpoint;
    this.#pending = this.#pending.filter((one) => !done.includes(one));
    this.#keep(last.checkpoint);
  }

  /** What is not acknowledged is sent again from the current one. */
  giveUp(): void {
    this.#pending = [];
  }

  /** Goes back to a position from before `at` (ms), or to the oldest that is known. */
  goBack(at: number): void {
    this.#pending = [];
    const before = this.#kept.findLast((one) => one.at <= at) ?? this.#kept[0];
    if (before !== undefined) this.#current = before;
  }

  #keep(checkpoint: Checkpoint): void {
    const last = this.#kept.at(-1);
    if (last !== undefined && checkpoint.at - last.at < STEP) return;
    // Sessions that were open then are few, and their state may be large.
    this.#kept = [...this.#kept, { ...checkpoint, sessions: '{}' }].slice(-MAX_KEPT);
  }
}
