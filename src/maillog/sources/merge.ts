// The merged log: takes the records of all sources in order of time, in small steps, and knows how far it has come.

import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { LogRecord } from '../syslog/record.ts';
import { LogClock, type LogClockState } from './log-clock.ts';
import type { Batch, LogSource, Position } from './source.ts';

/** Records a step; between steps the verdicts have their turn. */
const STEP = 125;
/** ms of rest when no source has anything new */
const REST = 40;
/** ms that it waits for others at most */
const HOLD = 2000;

interface Branch {
  readonly source: LogSource;
  readonly clock: LogClock;
  /** started at a saved position */
  readonly isContinued: boolean;
  batch: Batch;
  taken: number;
}

/** @param stamp ms; that of the line, which may lie ahead: that of the record does not */
type Take = (record: LogRecord, stamp: number, source: string) => void;

export class MergedLog {
  readonly #take: Take;
  readonly #clock: () => number;
  readonly #rest: (stop: AbortSignal) => Promise<unknown>;
  #branches: Branch[] = [];
  /** by the name of the source, also of those that are followed no longer */
  readonly #clocks = new Map<string, LogClock>();
  #running: Promise<void> | undefined;
  #stop = new AbortController();
  #held: Promise<unknown> | undefined;
  #lines = 0;
  #ahead = 0;

  /**
   * @param take gets each record once, in order of time as far as the sources are; must not throw
   * @param clock ms since 1970
   * @param rest lets some time pass when no source has anything new, or ends with `stop`
   */
  constructor(take: Take, clock: () => number, rest = pause) {
    this.#take = take;
    this.#clock = clock;
    this.#rest = rest;
  }

  /** Whether all that the sources hold has been taken. */
  get isAtEnd(): boolean {
    return this.#branches.every(isDrained);
  }

  /** ms; the log has been read up to this time: of several logs, the one that has come least far */
  get time(): number {
    return this.#least((branch, now) => branch.clock.time(now, isDrained(branch)));
  }

  /** ms; what no log can need any more is older */
  get settled(): number {
    return this.#least((branch, now) => branch.clock.settled(now, isDrained(branch)));
  }

  /** The clocks of the logs, by the name of their source, as a snapshot keeps them. */
  get clocks(): Readonly<Record<string, LogClockState>> {
    return Object.fromEntries([...this.#clocks].map(([name, clock]) => [name, clock.state]));
  }

  /** Takes up the clocks of a snapshot, before the start. */
  restoreClocks(states: Readonly<Record<string, unknown>>): void {
    for (const [name, state] of Object.entries(states)) this.#clocks.set(name, new LogClock(state));
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

  /** Whether every source with a position started at a saved one. */
  get isContinued(): boolean {
    return this.#branches.every(
      ({ isContinued, batch, taken }) => isContinued || batch.positionAfter(taken) === undefined,
    );
  }

  /** Begins to follow the sources, each where one of the positions says, or at its end. */
  async start(sources: readonly LogSource[], positions: readonly Position[]): Promise<void> {
    this.#stop = new AbortController();
    this.#branches = [];
    for (const source of sources) {
      const position = positions.find((candidate) => source.owns(candidate));
      await source.start(position);
      const batch = { records: [], isAtEnd: false, positionAfter: () => position };
      const clock = this.#clocks.get(source.name) ?? new LogClock();
      this.#clocks.set(source.name, clock);
      this.#branches.push({ source, clock, isContinued: position !== undefined, batch, taken: 0 });
    }
    // From here on every position is known: a crash at any later moment loses nothing.
    await this.#refill();
    this.#running = this.#run(this.#stop.signal);
  }

  /** Takes nothing until some work is done, which needs the processor for itself, or for two seconds. */
  hold(work: Promise<unknown>): void {
    const done = work.catch(() => undefined);
    const held = Promise.race([done, delay(HOLD, undefined, { ref: false })]).then(() => {
      if (this.#held === held) this.#held = undefined;
    });
    this.#held = held;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    for (const { source } of this.#branches) await source.stop();
  }

  async #run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (this.isAtEnd) {
        await this.#rest(stop);
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
      const now = this.#clock();
      branch.batch = await branch.source.read(now);
      branch.taken = 0;
      if (isDrained(branch)) branch.clock.drained(now);
    }
  }

  /** Takes records until a branch that had some has none left: only then is it not known which comes next. */
  async #drain(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (this.#held !== undefined) await this.#held;
      const now = this.#clock();
      for (let left = STEP; left > 0; left--) {
        const branch = this.#earliest();
        if (branch === undefined) return;
        const record = branch.batch.records[branch.taken++];
        if (record === undefined) return;
        this.#lines++;
        this.#takeAt(record, branch.clock.take(record.at, now), branch.source.name);
      }
      await setImmediate();
    }
  }

  /** @param at ms; as of when the record counts: a block that began in the future would last until then */
  #takeAt(record: LogRecord, at: number, source: string): void {
    const stamp = record.at;
    if (at < stamp) this.#ahead++;
    this.#take(at < stamp ? { ...record, at } : record, stamp, source);
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

async function pause(stop: AbortSignal): Promise<unknown> {
  return await delay(REST, undefined, { signal: stop }).catch(() => undefined);
}

function isDrained({ batch, taken }: Branch): boolean {
  return batch.isAtEnd && taken === batch.records.length;
}
