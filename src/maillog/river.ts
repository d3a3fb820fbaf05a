// The log river: takes the records of all sources in order of time, in small steps, and knows how far it has come.

import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { LogRecord } from './record.ts';
import type { Batch, LogSource, Position } from './source.ts';

/** Records a step; between steps the verdicts have their turn. */
const STEP = 125;
/** ms of rest when no source has anything new */
const REST = 40;
/** ms by which a stamp may lie ahead of our clock: those of two hosts differ by seconds. */
const AHEAD = 60_000;

interface Branch {
  readonly source: LogSource;
  batch: Batch;
  taken: number;
}

export class LogRiver {
  readonly #take: (record: LogRecord) => void;
  readonly #clock: () => number;
  #branches: Branch[] = [];
  #running: Promise<void> | undefined;
  #stop = new AbortController();
  #time = 0;
  #lines = 0;
  #ahead = 0;

  /**
   * @param take gets each record once, in order of time as far as the sources are; must not throw
   * @param clock ms since 1970
   */
  constructor(take: (record: LogRecord) => void, clock: () => number) {
    this.#take = take;
    this.#clock = clock;
  }

  /** Whether all that the sources hold has been taken. */
  get isAtEnd(): boolean {
    return this.#branches.every(({ batch, taken }) => batch.isAtEnd && taken === batch.records.length);
  }

  /** ms; the log has been read up to this time */
  get time(): number {
    return this.#time;
  }

  /** Records taken since the start. */
  get records(): number {
    return this.#lines;
  }

  /** Records since the start whose stamps lay ahead of the clock: they happened when they were read, at the latest. */
  get ahead(): number {
    return this.#ahead;
  }

  /** Where reading goes on after a restart, as of the last record taken. */
  get positions(): Position[] {
    return this.#branches.flatMap(({ batch, taken }) => batch.positionAfter(taken) ?? []);
  }

  /** Begins to follow the sources, each where one of the positions says, or at its end. */
  async start(sources: readonly LogSource[], positions: readonly Position[]): Promise<void> {
    this.#stop = new AbortController();
    this.#branches = [];
    for (const source of sources) {
      const position = positions.find((candidate) => belongsTo(candidate, source));
      await source.start(position);
      const batch = { records: [], isAtEnd: false, positionAfter: () => position };
      this.#branches.push({ source, batch, taken: 0 });
    }
    // From here on every position is known: a crash at any later moment loses nothing.
    await this.#refill();
    this.#running = this.#run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    for (const { source } of this.#branches) await source.stop();
  }

  async #run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (this.isAtEnd) {
        this.#time = this.#clock();
        await delay(REST, undefined, { signal: stop }).catch(() => undefined);
      } else {
        await this.#drain(stop);
        // What comes next may have been read already.
        await setImmediate();
      }
      await this.#refill();
    }
  }

  async #refill(): Promise<void> {
    for (const branch of this.#branches) {
      if (branch.taken < branch.batch.records.length) continue;
      branch.batch = await branch.source.read(this.#clock());
      branch.taken = 0;
    }
  }

  /** Takes records until a branch that had some has none left: only then is it not known which comes next. */
  async #drain(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const now = this.#clock();
      // The clock may have been set back.
      this.#time = Math.min(this.#time, now);
      for (let left = STEP; left > 0; left--) {
        const branch = this.#earliest();
        if (branch === undefined) return;
        const record = branch.batch.records[branch.taken++];
        if (record === undefined) return;
        this.#lines++;
        this.#takeAt(record, now);
      }
      await setImmediate();
    }
  }

  /** A block that began in the future would last until then, and all counts would look old beside it. */
  #takeAt(record: LogRecord, now: number): void {
    const isAhead = record.at > now + AHEAD;
    const at = isAhead ? now : record.at;
    this.#time = Math.max(this.#time, at);
    if (isAhead) this.#ahead++;
    this.#take(isAhead ? { ...record, at } : record);
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

function belongsTo(position: Position, source: LogSource): boolean {
  return position.type === 'journal' ? source.name === 'journal' : source.name === position.path;
}
