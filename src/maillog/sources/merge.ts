// The merged log: takes the records of all sources in order of time, in small steps, and knows how far it has read.

import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { LogRecord } from '../syslog/record.ts';
import { IdleWait } from './idle-wait.ts';
import { LogClock, type LogClockState } from './log-clock.ts';
import { Numbering, type NumberingState } from './numbering.ts';
import type { Batch, LogSource, Position } from './source.ts';

/** Records per step; between steps, verdicts are answered. */
const STEP = 125;
/** ms that reading waits for other work at most */
const MAX_WAIT = 2000;

interface Branch {
  readonly source: LogSource;
  readonly clock: LogClock;
  readonly numbering: Numbering;
  /** started at a saved position, with the numbering that belongs to it */
  readonly isContinued: boolean;
  batch: Batch;
  taken: number;
}

/** @param stamp ms since 1970; that of the line, which may lie ahead of the clock, unlike that of the record */
type Take = (record: LogRecord, stamp: number, numbering: Numbering) => void;

export class MergedLog {
  readonly #take: Take;
  readonly #clock: () => number;
  readonly #wait: Pick<IdleWait, 'next'>;
  #branches: Branch[] = [];
  /** by name of the source; also those of sources that are no longer followed */
  readonly #clocks = new Map<string, LogClock>();
  /** by name of the source; only of those that are followed, and before the start of those in the snapshot */
  #numberings: ReadonlyMap<string, Numbering> = new Map();
  #running: Promise<void> | undefined;
  #stop = new AbortController();
  #work: Promise<unknown> | undefined;
  #lines = 0;
  #ahead = 0;

  /**
   * @param take gets each record once, in order of time as far as the sources are in order; must not throw
   * @param clock ms since 1970
   * @param wait for the next lines, when no source has anything new
   */
  constructor(take: Take, clock: () => number, wait: Pick<IdleWait, 'next'> = new IdleWait(clock)) {
    this.#take = take;
    this.#clock = clock;
    this.#wait = wait;
  }

  /** Whether every record of the sources has been taken. */
  get isAtEnd(): boolean {
    return this.#branches.every(isDrained);
  }

  /** ms since 1970: the time up to which the log has been read; of several sources, the earliest */
  get time(): number {
    return this.#least((branch, now) => branch.clock.time(now, isDrained(branch)));
  }

  /** ms since 1970: no line that is still to come is older */
  get settled(): number {
    return this.#least((branch, now) => branch.clock.settled(now, isDrained(branch)));
  }

  /** The clocks of the sources by name, as a snapshot keeps them. */
  get clocks(): Readonly<Record<string, LogClockState>> {
    return Object.fromEntries([...this.#clocks].map(([name, clock]) => [name, clock.state]));
  }

  /** Restores the clocks of a snapshot, before the start. */
  restoreClocks(states: Readonly<Record<string, unknown>>): void {
    for (const [name, state] of Object.entries(states)) this.#clocks.set(name, new LogClock(state));
  }

  /** The numberings of the sources by name, as a snapshot keeps them beside the positions. */
  get numbers(): Readonly<Record<string, NumberingState>> {
    return Object.fromEntries(this.#branches.map(({ numbering }) => [numbering.source, numbering.state]));
  }

  /** Restores the numberings of a snapshot, before the start. */
  restoreNumbers(states: Readonly<Record<string, unknown>>): void {
    const all = Object.entries(states).map(([name, state]) => Numbering.restored(name, state));
    this.#numberings = new Map(all.flatMap((one) => (one === undefined ? [] : [[one.source, one]])));
  }

  /**
   * Begins another numbering of a source after a gap in its log: the lines that are missing may have been read and numbered
   * before a crash.
   *
   * @param since ms since 1970: the stamp of the first line after the gap, which is the same if it is read again
   */
  renumber(source: string, since: number): void {
    this.#numberings.get(source)?.begin(since);
  }

  /** Records taken since the start. */
  get records(): number {
    return this.#lines;
  }

  /** Records since the start whose stamps lay ahead of the clock: they count at the time of reading at the latest. */
  get ahead(): number {
    return this.#ahead;
  }

  /** Where reading continues after a restart: after the last record taken. */
  get positions(): Position[] {
    return this.#branches.flatMap(({ batch, taken }) => batch.positionAfter(taken) ?? []);
  }

  /** Whether every source with a position started at a saved one, and with a saved numbering. */
  get isContinued(): boolean {
    return this.#branches.every(
      ({ isContinued, batch, taken }) => isContinued || batch.positionAfter(taken) === undefined,
    );
  }

  /** Starts to follow the sources, each at its position, or at its end. */
  async start(sources: readonly LogSource[], positions: readonly Position[]): Promise<void> {
    this.#stop = new AbortController();
    this.#branches = [];
    for (const source of sources) {
      const position = positions.find((candidate) => source.owns(candidate));
      await source.start(position);
      const batch = { records: [], isAtEnd: false, positionAfter: () => position };
      const clock = this.#clocks.get(source.name) ?? new LogClock();
      this.#clocks.set(source.name, clock);
      const known = this.#numberings.get(source.name);
      // A numbering belongs to its position; one that has numbered nothing yet, to the first line.
      const saved = position !== undefined || known?.state.last === 0 ? known : undefined;
      const numbering = saved ?? new Numbering(source.name, this.#clock());
      this.#branches.push({ source, clock, numbering, isContinued: saved !== undefined, batch, taken: 0 });
    }
    this.#numberings = new Map(this.#branches.map(({ numbering }) => [numbering.source, numbering]));
    // From here on every position is known: a later crash loses nothing.
    await this.#refill();
    this.#running = this.#run(this.#stop.signal);
  }

  /** Takes no records until `work` is done, which needs the processor, or until two seconds have passed. */
  waitFor(work: Promise<unknown>): void {
    const done = work.catch(() => undefined);
    const pending = Promise.race([done, delay(MAX_WAIT, undefined, { ref: false })]).then(() => {
      if (this.#work === pending) this.#work = undefined;
    });
    this.#work = pending;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    for (const { source } of this.#branches) await source.stop();
  }

  async #run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (this.isAtEnd) {
        await this.#wait.next(stop, this.#branches.map(sourceOf), this.#lines);
      } else {
        await this.#drain(stop);
        // The next records may have been read already.
        await setImmediate();
      }
      await this.#refill();
    }
  }

  async #refill(): Promise<void> {
    for (const branch of this.#branches) {
      if (branch.taken < branch.batch.records.length) continue;
      const now = this.#clock();
      branch.batch = await branch.source.read(now);
      branch.taken = 0;
      if (isDrained(branch)) branch.clock.drained(now);
    }
  }

  /** Takes records until a branch has none left: then it is not known which record comes next. */
  async #drain(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (this.#work !== undefined) await this.#work;
      const now = this.#clock();
      for (let left = STEP; left > 0; left--) {
        const branch = this.#earliest();
        if (branch === undefined) return;
        const record = branch.batch.records[branch.taken++];
        if (record === undefined) return;
        this.#lines++;
        branch.numbering.next(record.at);
        this.#takeAt(record, branch.clock.take(record.at, now), branch.numbering);
      }
      await setImmediate();
    }
  }

  /** @param at ms since 1970: when the record counts. A block that started in the future would last until then. */
  #takeAt(record: LogRecord, at: number, numbering: Numbering): void {
    const stamp = record.at;
    if (at < stamp) this.#ahead++;
    this.#take(at < stamp ? { ...record, at } : record, stamp, numbering);
  }

  #least(timeOf: (branch: Branch, now: number) => number): number {
    const now = this.#clock();
    const times = this.#branches.map((branch) => timeOf(branch, now));
    return times.length === 0 ? 0 : Math.max(0, Math.min(...times));
  }

  #earliest(): Branch | undefined {
    let earliest: Branch | undefined;
    let at = Number.POSITIVE_INFINITY;
    for (const branch of this.#branches) {
      const next = branch.batch.records[branch.taken];
      if (next === undefined) {
        if (!branch.batch.isAtEnd) return undefined;
      } else if (next.at < at) {
        earliest = branch;
        at = next.at;
      }
    }
    return earliest;
  }
}

function sourceOf({ source }: Branch): LogSource {
  return source;
}

function isDrained({ batch, taken }: Branch): boolean {
  return batch.isAtEnd && taken === batch.records.length;
}
