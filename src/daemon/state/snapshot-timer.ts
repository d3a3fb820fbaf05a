// Writes snapshots on a timer, more often while catching up with the log, on request, and at the stop.

import type { Blocks } from '../../blocks/blocks.ts';
import type { PartTroubles } from '../../health/part-troubles.ts';
import type { LogReader } from '../../maillog/reader.ts';
import type { MergedLog } from '../../maillog/sources/merge.ts';
import type { Bookmark, State } from '../../state/state.ts';
import type { DaemonLog } from '../log/log.ts';

/** ms between two snapshots */
const MIN_PAUSE = 500;
/** While catching up with the log, the pause between two snapshots is so many times as long as one of them takes. */
const SHARE = 3;

/** What a snapshot is made of, and where its result is reported. */
export interface SnapshotTimerParts {
  readonly state: Pick<State, 'save'>;
  readonly blocks: Blocks;
  readonly reader: Pick<LogReader, 'texts' | 'sessions'>;
  readonly mergedLog: Pick<MergedLog, 'positions' | 'clocks' | 'numbers' | 'isAtEnd' | 'waitFor'>;
  readonly health: { readonly parts: Pick<PartTroubles, 'snapshot'> };
  readonly log: Pick<DaemonLog, 'report'>;
  /** `sharing` gives what a snapshot holds of what hosts share. */
  readonly optional: { readonly sharing: { bookmark(bookmark: Bookmark): unknown } | undefined };
}

/** Calls a function after so many ms. @returns a function that cancels that */
type After = (ms: number, act: () => void) => () => void;

export class SnapshotTimer {
  readonly #parts: SnapshotTimerParts;
  readonly #clock: () => number;
  readonly #stopping = new AbortController();
  #every = 0;
  /** true from the start until the log has been read to its end */
  #isCatchingUp = true;
  /** ms that the last snapshot of the timer took */
  #took = 0;
  /** ms; undefined before the first snapshot */
  #duration: number | undefined;
  readonly #after: After;
  #cancel: () => void = () => undefined;
  #saving: Promise<void> | undefined;
  #savingNext: Promise<void> | undefined;

  /** @param clock ms since 1970 */
  constructor(parts: SnapshotTimerParts, clock: () => number, after: After = afterTime) {
    this.#parts = parts;
    this.#clock = clock;
    this.#after = after;
  }

  /** ms that the last snapshot took that was written; undefined before the first one. */
  get duration(): number | undefined {
    return this.#duration;
  }

  /** Writes a snapshot of the current state. While one is being written, writes another one after it. Never throws. */
  save(): Promise<void> {
    if (this.#saving === undefined) {
      this.#saving = this.#save().finally(() => {
        this.#saving = undefined;
      });
      return this.#saving;
    }
    this.#savingNext ??= this.#saving.then(() => {
      this.#savingNext = undefined;
      return this.save();
    });
    return this.#savingNext;
  }

  /**
   * Starts the timer. A daemon that is killed again and again before it has caught up with the log would read the same
   * lines for ever, until they are rotated away: so the timer is faster until then.
   *
   * @param every ms from the end of one snapshot to the next
   */
  schedule(every: number): void {
    this.#every = every;
    this.#cancel();
    this.#cancel = this.#after(this.#pause, async () => {
      await this.#saveInTurn();
      // Not `every`: a reload may have changed it.
      if (!this.#stopping.signal.aborted) this.schedule(this.#every);
    });
  }

  get #pause(): number {
    if (!this.#isCatchingUp) return this.#every;
    // The clock may have been set since.
    return Math.min(this.#every, Math.max(MIN_PAUSE, SHARE * this.#took));
  }

  async #saveInTurn(): Promise<void> {
    const { mergedLog } = this.#parts;
    const { isAtEnd } = mergedLog;
    const begun = this.#clock();
    const saving = this.save();
    if (!isAtEnd) mergedLog.waitFor(saving);
    await saving;
    this.#took = this.#clock() - begun;
    if (isAtEnd) this.#isCatchingUp = false;
  }

  /** Stops the timer. */
  unschedule(): void {
    this.#cancel();
  }

  /** Aborts the snapshot that is being written and all later ones; only `saveLast` still writes. */
  abort(): void {
    this.#stopping.abort();
  }

  /** After `abort`: writes the final state. Never throws. */
  async saveLast(): Promise<void> {
    const { state, blocks, log } = this.#parts;
    // The snapshot that was being written has been aborted.
    await this.#saving;
    await state
      .save(blocks, this.#bookmark(), this.#clock())
      .catch((error: Error) => log.report({ event: 'snapshot-failed', reason: error.message }));
  }

  async #save(): Promise<void> {
    const { state, blocks, health, log } = this.#parts;
    const { signal } = this.#stopping;
    const now = this.#clock();
    try {
      const tracked = await state.save(blocks, this.#bookmark(), now, signal);
      this.#duration = this.#clock() - now;
      log.report({ event: 'snapshot', tracked, ms: this.#duration });
      health.parts.snapshot(undefined, now);
    } catch (error) {
      if (!signal.aborted) health.parts.snapshot((error as Error).message, now);
    }
  }

  /** Where the log is read now. */
  get bookmark(): Bookmark {
    const { reader, mergedLog } = this.#parts;
    const { positions: log, clocks, numbers } = mergedLog;
    return { log, clocks, numbers, sessions: reader.sessions.state, texts: reader.texts.texts };
  }

  #bookmark(): Bookmark {
    const { bookmark } = this;
    const sharing = this.#parts.optional.sharing?.bookmark(bookmark);
    return sharing === undefined ? bookmark : { ...bookmark, sharing };
  }
}

function afterTime(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}
