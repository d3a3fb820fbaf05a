// The saving of snapshots: every so often, when asked for, and at the stop; one at a time.

import type { Blocks } from './blocks/blocks.ts';
import type { Health } from './health.ts';
import type { DaemonLog } from './log.ts';
import type { LogReader } from './maillog/reader.ts';
import type { LogRiver } from './maillog/river.ts';
import type { Bookmark, State } from './state.ts';

/** What a snapshot is made of, and who hears of it. */
export interface SaverParts {
  readonly state: Pick<State, 'save'>;
  readonly blocks: Blocks;
  readonly reader: Pick<LogReader, 'texts' | 'sessions'>;
  readonly river: Pick<LogRiver, 'positions' | 'clocks'>;
  readonly health: Pick<Health, 'snapshot'>;
  readonly log: Pick<DaemonLog, 'debug' | 'error'>;
}

export class Saver {
  readonly #parts: SaverParts;
  readonly #clock: () => number;
  readonly #stopping = new AbortController();
  #every = 0;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> | undefined;
  #savingNext: Promise<void> | undefined;

  /** @param clock ms since 1970 */
  constructor(parts: SaverParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
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

  /** Saves from now on by itself. @param every ms from the end of one snapshot to the next */
  schedule(every: number): void {
    this.#every = every;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      await this.save();
      // Not `every`: a reload may have come meanwhile.
      if (!this.#stopping.signal.aborted) this.schedule(this.#every);
    }, every);
  }

  /** Saves no longer by itself. */
  unschedule(): void {
    clearTimeout(this.#timer);
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
      .catch((error: Error) => log.error('snapshot-failed', { reason: error.message }));
  }

  async #save(): Promise<void> {
    const { state, blocks, health, log } = this.#parts;
    const { signal } = this.#stopping;
    const now = this.#clock();
    try {
      const tracked = await state.save(blocks, this.#bookmark(), now, signal);
      log.debug('snapshot', { tracked, ms: this.#clock() - now });
      health.snapshot(undefined, now);
    } catch (error) {
      if (!signal.aborted) health.snapshot((error as Error).message, now);
    }
  }

  #bookmark(): Bookmark {
    const { reader, river } = this.#parts;
    const { positions: log, clocks } = river;
    return { log, clocks, sessions: reader.sessions.state, texts: reader.texts.texts };
  }
}
