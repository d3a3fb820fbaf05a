// The wait for the next lines while no source has any: watches the sources, and polls those that cannot be watched.

import { setTimeout as delay } from 'node:timers/promises';
import { DAY, MINUTE } from '../../values/duration.ts';
import type { LogSource, Watch } from './source.ts';

/** ms between two reads of sources that are not watched, and after each change */
const POLL = 40;
/** ms after which watched sources are read although no change was seen */
const WATCHED_POLL = 1000;
/** ms until the next attempt to watch sources that could not be watched */
const RETRY = MINUTE;
/** Times in a row that lines come without a change seen, after which sources are polled for a day. */
const MAX_MISSES = 2;

/**
 * A watch begins only after a pause without lines and ends with the first change: while a log grows, it costs nothing,
 * and whoever writes to the log or beside it causes no more than a read in some ms.
 */
export class IdleWait {
  readonly #clock: () => number;
  #watch: SourcesWatch | undefined;
  /** as passed to the last call */
  #records = -1;
  #misses = 0;
  /** ms since 1970: sources are polled until then */
  #retryAt = Number.NEGATIVE_INFINITY;

  /** @param clock ms since 1970 */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /**
   * Returns when the sources are to be read again, or `stop` is aborted.
   *
   * @param records the number of records taken so far
   */
  async next(stop: AbortSignal, sources: readonly LogSource[], records: number): Promise<void> {
    const isQuiet = records === this.#records;
    this.#records = records;
    const watch = this.#watch;
    if (watch === undefined) {
      // Read once more after the watch has begun: it does not show what was written before.
      if (!isQuiet || !(await this.#begin(stop, sources))) await pause(POLL, stop);
    } else if (isQuiet && !watch.isOver) {
      await watch.change();
    } else {
      this.#judge(watch);
      watch.close();
      this.#watch = undefined;
      await pause(POLL, stop);
    }
  }

  async #begin(stop: AbortSignal, sources: readonly LogSource[]): Promise<boolean> {
    if (this.#clock() < this.#retryAt) return false;
    this.#watch = await SourcesWatch.open(sources, stop);
    if (this.#watch === undefined) this.#retryAt = this.#clock() + RETRY;
    return this.#watch !== undefined;
  }

  /** Lines that come without a change seen show that the watch does not see all changes, whatever the reason. */
  #judge(watch: SourcesWatch): void {
    if (watch.isOver) this.#misses = 0;
    else if (watch.hasWaited && ++this.#misses >= MAX_MISSES) {
      this.#misses = 0;
      this.#retryAt = this.#clock() + DAY;
    }
  }
}

/** One watch on all sources, until the first change. */
class SourcesWatch {
  readonly #stop: AbortSignal;
  readonly #over = new AbortController();
  readonly #end = () => this.close();
  #watches: readonly Watch[] = [];
  /** whether a poll was due before a change was seen */
  hasWaited = false;

  private constructor(stop: AbortSignal) {
    this.#stop = stop;
    stop.addEventListener('abort', this.#end);
  }

  /** @returns undefined where one of the sources cannot be watched, or `stop` is aborted */
  static async open(sources: readonly LogSource[], stop: AbortSignal): Promise<SourcesWatch | undefined> {
    const all = new SourcesWatch(stop);
    const changed = () => all.#over.abort();
    const watches = await Promise.all(sources.map((source) => source.watch?.(changed)));
    all.#watches = watches.filter((watch) => watch !== undefined);
    if (all.#watches.length === sources.length && !stop.aborted) return all;
    all.close();
    return undefined;
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Waits for a change, but not longer than until the next poll is due. */
  async change(): Promise<void> {
    await pause(WATCHED_POLL, this.#over.signal);
    if (!this.isOver) this.hasWaited = true;
  }

  close(): void {
    this.#stop.removeEventListener('abort', this.#end);
    for (const watch of this.#watches) watch.close();
    this.#watches = [];
    this.#over.abort();
  }
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: stop }).catch(() => undefined);
}
