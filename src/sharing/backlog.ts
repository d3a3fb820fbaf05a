// The backlog: reads the log a second time, from a checkpoint on, to send what the server has not counted yet.

import type { LogEvent } from '../blocks/events/event.ts';
import { LogReader } from '../maillog/reader.ts';
import { MergedLog } from '../maillog/sources/merge.ts';
import type { EventIdentity, NumberingState } from '../maillog/sources/numbering.ts';
import { isPosition, type LogSource, type Notice } from '../maillog/sources/source.ts';
import { isoText } from '../values/iso-time.ts';
import type { Checkpoint } from './checkpoints.ts';

export interface BacklogParts {
  /** opens the sources that the daemon follows, a second time */
  openSources(notify: (notice: Notice) => void): Promise<readonly LogSource[]>;
  /** gets each event with its identity: the same as when it was read first */
  take(event: LogEvent, identity: EventIdentity): void;
  /** ms since 1970 */
  clock(): number;
}

export class Backlog {
  readonly #parts: BacklogParts;
  readonly #reader = new LogReader();
  readonly #log: MergedLog;
  #isStopped = false;

  /** @param readsGood as for the daemon's own reader */
  constructor(parts: BacklogParts, readsGood: boolean) {
    this.#parts = parts;
    this.#reader.readsGood = readsGood;
    this.#log = new MergedLog((record, _, numbering) => {
      let index = 0;
      if (!this.#isStopped)
        this.#reader.read(record, (event) => parts.take(event, numbering.identityOf(index++)));
    }, parts.clock);
  }

  /** Lines read so far. */
  get lines(): number {
    return this.#log.records;
  }

  async start({ at, log, clocks = {}, numbers = {}, sessions, texts }: Checkpoint): Promise<void> {
    this.#reader.texts.add(texts);
    this.#reader.sessions.restore(JSON.parse(sessions));
    this.#log.restoreClocks(clocks);
    this.#log.restoreNumbers(numbers);
    const sources = await this.#parts.openSources((notice) => {
      if (notice.type === 'gap') this.#log.renumber(notice.source, notice.until ?? this.#parts.clock());
    });
    if (this.#isStopped) return;
    const until = isoText(at);
    const positions = log.filter(isPosition);
    await this.#log.start(
      sources,
      positions.map((one) => (one.type === 'journal' ? { ...one, at: until } : one)),
    );
  }

  /**
   * Whether it has read as far as another reading of the same sources has, or farther.
   * @param others the numberings there, by name of the source
   */
  hasReached(others: Readonly<Record<string, NumberingState>>): boolean {
    const own = this.#log.numbers;
    return Object.entries(others).every(([name, other]) => {
      const mine = own[name];
      if (mine === undefined) return true;
      // Another numbering has begun there: what this one holds is all that comes before it.
      return mine.since === other.since ? mine.last >= other.last : this.#log.isAtEnd;
    });
  }

  /** Reads no more lines until `work` is done, or until two seconds have passed. */
  waitFor(work: Promise<unknown>): void {
    this.#log.waitFor(work);
  }

  /** Takes no event after this call. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#log.stop();
  }
}
