// A host that shares: its log, its blocks and its audit trail, by the test's clock; it can be killed and started again.

import { setImmediate } from 'node:timers/promises';
import { Blocks } from '../../src/blocks/blocks.ts';
import { type AuditedChange, isAudited } from '../../src/blocks/changes.ts';
import type { Terms } from '../../src/blocks/terms.ts';
import { Traffic } from '../../src/daemon/traffic.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { MergedLog } from '../../src/maillog/sources/merge.ts';
import { isPosition } from '../../src/maillog/sources/source.ts';
import type { LogRecord } from '../../src/maillog/syslog/record.ts';
import type { SharingTrouble } from '../../src/sharing/reach.ts';
import { Sharing } from '../../src/sharing/sharing.ts';
import { type AuditEntry, auditEntry, changeOf } from '../../src/state/audit.ts';
import { parseRecord, recordLine } from '../../src/state/snapshot/client-line.ts';
import type { Bookmark } from '../../src/state/state.ts';
import { WrittenLog } from '../live/host.ts';
import type { MemoryServer } from './memory-server.ts';

const LOG = '/var/log/mail.log';

/** The content of a snapshot: JSON texts. */
interface Saved {
  readonly head: string;
  readonly clients: readonly string[];
  readonly sequence: number;
}

/** What lives as long as the process. */
interface Running {
  readonly blocks: Blocks;
  readonly log: MergedLog;
  readonly reader: LogReader;
  readonly sharing: Sharing;
}

export class SharingHost {
  readonly name: string;
  readonly lines: LogRecord[] = [];
  readonly trail: AuditEntry[] = [];
  readonly troubles = new Map<SharingTrouble, string>();
  readonly faults: unknown[] = [];
  readonly #terms: Terms;
  #server: MemoryServer;
  readonly #clock: () => number;
  /** what the audit trail waits for */
  disk: Promise<void> = Promise.resolve();
  #saved: Saved | undefined;
  #running: Running | undefined;

  constructor(name: string, terms: Terms, server: MemoryServer, clock: () => number) {
    this.name = name;
    this.#terms = terms;
    this.#server = server;
    this.#clock = clock;
  }

  get running(): Running {
    if (this.#running === undefined) throw new Error(`${this.name} does not run`);
    return this.#running;
  }

  get blocked(): readonly string[] {
    const now = this.#clock();
    return [...this.running.blocks.table.pinnedRecords()]
      .filter(({ block }) => block !== undefined && now < block.until)
      .map(({ key }) => key)
      .sort();
  }

  /** @param isEarly the server answers before the snapshot is taken up */
  async start(isEarly = false): Promise<void> {
    const running = this.#newRunning();
    this.#running = running;
    const { blocks, log, reader, sharing } = running;
    const bookmark = this.#restore(blocks, log, reader);
    if (isEarly) {
      sharing.tick();
      while (!sharing.status.isUp) await setImmediate();
    }
    await log.start([this.#openLog()], bookmark === undefined ? [] : bookmark.log.filter(isPosition));
    sharing.start(bookmark?.sharing, bookmark ?? bookmarkOf(running));
  }

  /** Writes a snapshot. */
  save(): void {
    const { blocks, sharing } = this.running;
    const bookmark = bookmarkOf(this.running);
    const head = JSON.stringify({ ...bookmark, sharing: sharing.bookmark(bookmark) });
    const clients: string[] = [];
    const walk = blocks.table.walk((record) => clients.push(recordLine(record)));
    while (walk.step(1));
    this.#saved = { head, clients, sequence: this.trail.length };
  }

  /** Shares by this server from its next start on, and remembers no other: what it wrote before is of a host alone. */
  move(server: MemoryServer): void {
    this.#server = server;
    if (this.#saved === undefined) throw new Error(`${this.name} has no snapshot`);
    const { sharing: _, ...head } = JSON.parse(this.#saved.head) as Bookmark;
    this.#saved = { ...this.#saved, head: JSON.stringify(head) };
  }

  /** Ends at once, as by SIGKILL. */
  async kill(): Promise<void> {
    const { log, sharing } = this.running;
    this.#running = undefined;
    // The process is gone: its connection closes, and its name lapses.
    await sharing.stop();
    await log.stop();
  }

  /** Does what the daemon does every second. */
  tick(): void {
    const { sharing, blocks, log } = this.running;
    sharing.tick();
    while (blocks.expire(this.#clock(), log.time));
  }

  /** Waits until the daemon has read what was written. */
  async read(): Promise<void> {
    const { log } = this.running;
    while (!log.isAtEnd || (log.numbers[LOG]?.last ?? 0) < this.lines.length) await setImmediate();
  }

  #openLog(): WrittenLog {
    return new WrittenLog(LOG, this.lines);
  }

  #newRunning(): Running {
    const reader = new LogReader();
    reader.readsGood = true;
    const blocks: Blocks = new Blocks(this.#terms, (change) => {
      if (!isAudited(change)) return;
      this.#note(change);
      sharing.changed(change);
    });
    const fault = (error: unknown) => this.faults.push(error);
    const traffic = new Traffic(
      {
        blocks,
        reader,
        health: {
          event: () => undefined,
          read: () => undefined,
          fault: () => undefined,
          wiring: { read: () => undefined },
        },
        log: { report: fault },
        optional: { sharing: { take: (event, identity) => sharing.take(event, identity) } },
      },
      this.#clock,
    );
    const log = new MergedLog(
      (record, stamp, numbering) => traffic.read(record, stamp, numbering),
      this.#clock,
      { next: async () => await setImmediate() },
    );
    const trail = this.trail;
    const sharing: Sharing = new Sharing(
      {
        host: this.name,
        version: '1.0.0',
        blocks,
        state: {
          get sequence() {
            return trail.length;
          },
          flush: () => this.disk,
          entriesAfter: async (sequence) => trail.slice(sequence),
        },
        open: (listener) => this.#server.connect(this.name, listener),
        openSources: async () => [this.#openLog()],
        numbers: () => log.numbers,
        lag: () => 0,
        applied: (change, host) => this.#note(change, host),
        trouble: (name, reason) =>
          reason === undefined ? this.troubles.delete(name) : this.troubles.set(name, reason),
        answer: async (question) => ({ host: this.name, question }),
        fault,
        setAside: fault,
        notUnderstood: fault,
        clock: this.#clock,
      },
      this.#terms,
    );
    return { blocks, log, reader, sharing };
  }

  #note(change: AuditedChange, host?: string): void {
    this.trail.push(auditEntry(change, this.trail.length + 1, this.#clock(), host));
  }

  #restore(blocks: Blocks, log: MergedLog, reader: LogReader): Bookmark | undefined {
    if (this.#saved === undefined) return undefined;
    const bookmark = JSON.parse(this.#saved.head) as Bookmark;
    for (const [number, line] of this.#saved.clients.entries()) {
      const { key, state } = parseRecord(line, number);
      blocks.loading.client(key, state);
    }
    for (const entry of this.trail.slice(this.#saved.sequence)) {
      const change = changeOf(entry);
      if (change !== undefined) blocks.redo(change);
    }
    blocks.adopt(this.#terms, this.#clock());
    reader.sessions.restore(bookmark.sessions);
    log.restoreClocks(bookmark.clocks ?? {});
    log.restoreNumbers(bookmark.numbers ?? {});
    return bookmark;
  }
}

function bookmarkOf({ log, reader }: Running): Bookmark {
  const { positions, clocks, numbers } = log;
  return { log: positions, clocks, numbers, sessions: reader.sessions.state, texts: [] };
}
