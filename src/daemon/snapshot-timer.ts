// The saving of snapshots: every so often, more often while the log is being caught up with, when asked for, and at the stop.

import type { Blocks } from '../blocks/blocks.ts';
import type { Health } from '../health/health.ts';
import type { LogReader } from '../maillog/reader.ts';
import type { MergedLog } from '../maillog/sources/merge.ts';
import type { Bookmark, State } from '../state/state.ts';
import type { DaemonLog } from './log.ts';

/** ms between two snapshots at least */
const MIN_PAUSE = 500;
/** While the log is being caught up with, so many times as long passes between two snapshots as one of them takes. */
const SHARE = 3;

/** What a snapshot is made of, and who hears of it. */
export interface SaverParts {
  readonly state: Pick<State, 'save'>;
  readonly blocks: Blocks;
  readonly reader: Pick<LogReader, 'texts' | 'sessions'>;
  readonly mergedLog: Pick<MergedLog, 'positions' | 'clocks' | 'isAtEnd' | 'hold'>;
  readonly health: Pick<Health, 'snapshot'>;
  readonly log: Pick<DaemonLog, 'report'>;
}

/** Does something after so many ms, unless what it returns is called before. */
type After = (ms: number, act: () => void) => () => void;

export class Saver {
  readonly #parts: SaverParts;
  readonly #clock: () => number;
  readonly #stopping = new AbortController();
  #every = 0;
  /** from the start until the log has been read to its end */
  #isCatchingUp = true;
  /** ms that the last snapshot took */
  #took = 0;
  readonly #after: After;
  #cancel: () => void = () => undefined;
  #saving: Promise<void> | undefined;
  #savingNext: Promise<void> | undefined;

  /** @param clock ms since 1970 */
  constructor(parts: SaverParts, clock: () => number, after: After = afterTime) {
    this.#parts = parts;
    this.#clock = clock;
    this.#after = after;
  }

  /** Writes a snapshot of what is now; asked for while one is being written, another one after it. Never throws. */
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
   * Saves from now on by itself. A daemon that is killed again and again before it has caught up with the log would read
   * the same lines for ever, and find them gone one day: so it saves more often until then.
   *
   * @param every ms from the end of one snapshot to the next
   */
  schedule(every: number): void {
    this.#every = every;
    this.#cancel();
    this.#cancel = this.#after(this.#pause, async () => {
      await this.#saveInTurn();
      // Not `every`: a reload may have come meanwhile.
      if (!this.#stopping.signal.aborted) this.schedule(this.#every);
    });
  }

  get #pause(): number {
    if (!this.#isCatchingUp) return this.#every;
    // The clock may have been set meanwhile.
    return Math.min(this.#every, Math.max(MIN_PAUSE, SHARE * this.#took));
  }

  async #saveInTurn(): Promise<void> {
    const { mergedLog } = this.#parts;
    const { isAtEnd } = mergedLog;
    const begun = this.#clock();
    const saving = this.save();
    if (!isAtEnd) mergedLog.hold(saving);
    await saving;
    this.#took = this.#clock() - begun;
    if (isAtEnd) this.#isCatchingUp = false;
  }

  /** Saves no longer by itself. */
  unschedule(): void {
    this.#cancel();
  }

  /** What is being written, or asked for from now on, gives up; only `saveLast` still writes. */
  abort(): void {
    this.#stopping.abort();
  }

  /** After `abort`: writes everything as it stands at the end. Never throws. */
  async saveLast(): Promise<void> {
    const { state, blocks, log } = this.#parts;
    // The one that was being written when the stop came gives up.
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
      log.report({ event: 'snapshot', tracked, ms: this.#clock() - now });
      health.snapshot(undefined, now);
    } catch (error) {
      if (!signal.aborted) health.snapshot((error as Error).message, now);
    }
  }

  #bookmark(): Bookmark {
    const { reader, mergedLog } = this.#parts;
    const { positions: log, clocks } = mergedLog;
    return { log, clocks, sessions: reader.sessions.state, texts: reader.texts.texts };
  }
}

function afterTime(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}
