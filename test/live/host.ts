// A mail log, and a daemon's core that follows it by the test's own clock: late, in portions, stopped and restarted.

import { setImmediate } from 'node:timers/promises';
import { Blocks } from '../../src/blocks/blocks.ts';
import { type AuditedChange, isAudited } from '../../src/blocks/changes.ts';
import type { LogEvent } from '../../src/blocks/events/event.ts';
import type { Terms } from '../../src/blocks/terms.ts';
import { Traffic } from '../../src/daemon/traffic.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { MergedLog } from '../../src/maillog/sources/merge.ts';
import type { EventIdentity } from '../../src/maillog/sources/numbering.ts';
import type { Batch, LogSource, Position } from '../../src/maillog/sources/source.ts';
import type { LogRecord } from '../../src/maillog/syslog/record.ts';
import { Replay } from '../../src/replay/replay.ts';
import { auditFacts } from '../../src/state/audit.ts';
import { parseRecord, recordLine } from '../../src/state/snapshot/client-line.ts';

/** A log that is being written: what has been written so far can be read. */
export class WrittenLog implements LogSource {
  readonly name: string;
  readonly lines: LogRecord[];
  /** number of reads */
  looks = 0;
  #read = 0;

  /** @param lines several readers may share */
  constructor(name: string, lines: LogRecord[] = []) {
    this.name = name;
    this.lines = lines;
  }

  get isRead(): boolean {
    return this.#read === this.lines.length;
  }

  owns(position: Position): boolean {
    return position.type === 'file' && position.path === this.name;
  }

  async start(position: Position | undefined): Promise<void> {
    this.#read = position?.type === 'file' ? position.offset : 0;
  }

  async read(): Promise<Batch> {
    this.looks++;
    const first = this.#read;
    this.#read = this.lines.length;
    const records = this.lines.slice(first);
    const positionAfter = (count: number): Position => ({
      type: 'file',
      path: this.name,
      inode: 1,
      offset: first + count,
      mark: '',
    });
    return { records, isAtEnd: records.length === 0, positionAfter };
  }

  async stop(): Promise<void> {}
}

/** The content of a snapshot. */
export interface Stopped {
  readonly clients: readonly string[];
  readonly head: string;
}

export interface IdentifiedEvent {
  readonly event: LogEvent;
  readonly identity: EventIdentity;
  /** whose line gave it */
  readonly record: LogRecord;
}

/** What the daemon does with the log, by the test's clock. */
export class Host {
  /** ms since 1970 */
  now: number;
  /** the audit trail, without the fields that only the daemon has */
  readonly trail: string[] = [];
  readonly logs: readonly WrittenLog[];
  /** every event of the log, also where it is read again */
  readonly events: IdentifiedEvent[] = [];
  readonly #terms: Terms;
  #blocks: Blocks;
  #reader = new LogReader();
  #log: MergedLog;

  constructor(terms: Terms, logs: readonly string[], now: number) {
    this.#terms = terms;
    this.now = now;
    this.logs = logs.map((name) => new WrittenLog(name));
    this.#blocks = this.#newBlocks();
    this.#log = this.#newLog();
  }

  get tracked(): number {
    return this.#blocks.table.size;
  }

  async start(stopped?: Stopped): Promise<void> {
    if (stopped === undefined) this.#learn();
    else this.#restore(stopped);
    await this.#log.start(this.logs, stopped === undefined ? [] : JSON.parse(stopped.head).log);
    await this.read();
  }

  async stop(): Promise<Stopped> {
    await this.#log.stop();
    const clients: string[] = [];
    const walk = this.#blocks.table.walk((record) => clients.push(recordLine(record)));
    while (walk.step(1));
    const { positions: log, clocks, numbers } = this.#log;
    return { clients, head: JSON.stringify({ log, clocks, numbers, sessions: this.#reader.sessions.state }) };
  }

  /** Waits until all that was written is read. */
  async read(): Promise<void> {
    while (!this.#log.isAtEnd || !this.logs.every(({ isRead }) => isRead)) await setImmediate();
  }

  /** Time passes without new lines: the logs are read, and the tasks of each second are done. */
  async passTo(now: number): Promise<void> {
    this.now = now;
    // The first read may have started before.
    const looks = this.logs.map((log) => log.looks + 2);
    while (this.logs.some((log, i) => log.looks < (looks[i] ?? 0))) await setImmediate();
    this.tick();
  }

  /** What the daemon does every second. */
  tick(): void {
    while (this.#blocks.expire(this.now, this.#log.time));
    this.#blocks.forget(this.#log.settled);
  }

  /** Time passes until all blocks have expired. */
  finish(): void {
    while (this.#blocks.expire(this.now, Number.MAX_SAFE_INTEGER));
  }

  #newBlocks(): Blocks {
    return new Blocks(this.#terms, (change) => {
      if (isAudited(change)) this.trail.push(factsText(change));
    });
  }

  #newLog(): MergedLog {
    let record: LogRecord;
    const parts = {
      blocks: this.#blocks,
      reader: this.#reader,
      health: { answered: ignore, event: ignore, read: ignore, fault: ignore, wiring: { read: ignore } },
      log: { report: fail },
      optional: {
        sharing: {
          take: (event: LogEvent, identity: EventIdentity) =>
            void this.events.push({ event, identity, record }),
        },
      },
    };
    const traffic = new Traffic(parts, () => this.now);
    return new MergedLog(
      (next, stamp, numbering) => {
        record = next;
        traffic.read(next, stamp, numbering);
      },
      () => this.now,
      { next: () => setImmediate() },
    );
  }

  #learn(): void {
    this.#reader.texts.add(this.#terms.rules.rules.map(({ message }) => message));
  }

  #restore({ clients, head }: Stopped): void {
    this.#reader = new LogReader();
    this.#blocks = this.#newBlocks();
    this.#log = this.#newLog();
    this.#learn();
    for (const line of clients) {
      const { key, state } = parseRecord(line, 1);
      this.#blocks.loading.client(key, state);
    }
    const { clocks, numbers, sessions } = JSON.parse(head);
    this.#reader.sessions.restore(sessions);
    this.#log.restoreClocks(clocks);
    this.#log.restoreNumbers(numbers);
    this.#blocks.adopt(this.#terms, this.now);
  }
}

function ignore(): void {}

/** An internal error fails the test. */
function fail(entry: object): void {
  throw new Error(JSON.stringify(entry));
}

/** The trail that a replay of these logs gives, and the newest stamp. */
export function replayed(
  terms: Terms,
  logs: readonly (readonly LogRecord[])[],
): { trail: string[]; to: string } {
  const trail: string[] = [];
  const replay = new Replay({
    terms,
    sweeps: [],
    since: Number.NEGATIVE_INFINITY,
    until: Number.POSITIVE_INFINITY,
    onChange: (change) => trail.push(factsText(change)),
  });
  for (const record of merged(logs)) replay.take(record);
  return { trail, to: replay.report().read.to ?? '' };
}

/** The lines that live and replay must share: all but blocks that ended after the log, in any order. */
export function comparable(trail: readonly string[], to: string): string[] {
  return trail
    .filter((text) => {
      const { event, at } = JSON.parse(text);
      return !(event === 'end' && at > to);
    })
    .toSorted();
}

function factsText(change: AuditedChange): string {
  return JSON.stringify(auditFacts(change));
}

/** Merges as a replay does: of the next record of each log, the earliest. */
function* merged(logs: readonly (readonly LogRecord[])[]): Generator<LogRecord> {
  const places = logs.map(() => 0);
  for (;;) {
    let first = -1;
    let at = Number.POSITIVE_INFINITY;
    for (const [i, log] of logs.entries()) {
      const next = log[places[i] ?? 0];
      if (next === undefined || next.at >= at) continue;
      first = i;
      at = next.at;
    }
    const record = logs[first]?.[places[first] ?? 0];
    if (record === undefined) return;
    places[first] = (places[first] ?? 0) + 1;
    yield record;
  }
}
