// What a host lives through: a mail log, the acts of its support desk, snapshots, and crashes in between.

import type { SavedAllowEntry } from '../../src/blocks/allow-entries.ts';
import { Blocks } from '../../src/blocks/blocks.ts';
import { type Change, isAudited } from '../../src/blocks/changes.ts';
import type { GoodEvent, Kind, LogEvent } from '../../src/blocks/events/event.ts';
import type { Terms } from '../../src/blocks/terms.ts';
import { type AuditEntry, auditEntry, changeOf, parseAuditLine } from '../../src/state/audit.ts';
import { parseRecord, recordLine } from '../../src/state/snapshot/client-line.ts';
import {
  type CounterEntry,
  counterEntry,
  counterOf,
  parseGoodLine,
} from '../../src/state/snapshot/good-line.ts';
import { goodLine } from '../state/snapshot/line-text.ts';
import { eventOf, START } from './blocks-fixture.ts';

/** A line of the log, `time` ms after START; whoever reads it later reads the same. */
export interface Line {
  readonly client: string;
  readonly kind: Kind | 'refusal' | GoodEvent['kind'];
  readonly time: number;
  /** of a login, failed or not */
  readonly user?: number | undefined;
}

export type Act =
  | { readonly what: 'unblock'; readonly client: string; readonly grace: number | undefined }
  | { readonly what: 'block'; readonly client: string; readonly rule: string; readonly length: number }
  | { readonly what: 'allow'; readonly network: string; readonly length: number }
  | { readonly what: 'disallow'; readonly network: string };

interface Saved {
  readonly lines: readonly string[];
  readonly good: readonly string[];
  readonly counters: string;
  readonly written: number;
  readonly allowed: readonly SavedAllowEntry[];
  readonly allowedBefore: readonly SavedAllowEntry[];
  readonly sequence: number;
  readonly position: number;
}

const HAND = { by: 'alice', why: 'ticket 4711' };
const NOTHING: Saved = {
  lines: [],
  good: [],
  counters: '[]',
  written: START,
  allowed: [],
  allowedBefore: [],
  sequence: 0,
  position: 0,
};

/** A daemon without files, sockets and clock. Times in ms after START. */
export class Host {
  blocks: Blocks;
  /** lines of the audit trail on disk, as text */
  readonly trail: string[] = [];
  #terms: Terms;
  readonly #log: readonly Line[];
  #waiting: string[] = [];
  #position = 0;
  #saved = NOTHING;

  constructor(terms: Terms, log: readonly Line[]) {
    this.#terms = terms;
    this.#log = log;
    this.blocks = this.#newBlocks();
  }

  /** Lines of the log that have been read. */
  get position(): number {
    return this.#position;
  }

  get entries(): readonly AuditEntry[] {
    return this.trail.flatMap((line) => parseAuditLine(line) ?? []);
  }

  /** Reads the log up to line number `end`. */
  read(end: number, now: number): void {
    for (; this.#position < Math.min(end, this.#log.length); this.#position++) {
      const line = this.#log[this.#position];
      if (line !== undefined) this.blocks.take(detailed(line), START + now);
    }
  }

  reload(terms: Terms, now: number): void {
    this.#terms = terms;
    this.blocks.adopt(terms, START + now);
  }

  refuses(client: string, now: number): boolean {
    return this.blocks.refusing(client, () => undefined, START + now) !== undefined;
  }

  tick(now: number): void {
    const isAtEnd = this.#position === this.#log.length;
    const last = this.#log[this.#position - 1]?.time ?? 0;
    while (this.blocks.expire(START + now, START + (isAtEnd ? now : last)));
    this.blocks.forget(START + last);
    if (isAtEnd) this.blocks.caughtUp();
  }

  /** @returns what the command says */
  act(act: Act, now: number): unknown {
    const at = START + now;
    const done = this.#do(act, at);
    // Whoever is told that it was done can rely on it.
    this.flush();
    return done;
  }

  #do(act: Act, at: number): unknown {
    const { blocks } = this;
    switch (act.what) {
      case 'unblock':
        return blocks
          .lift(act.client, at, HAND, act.grace === undefined ? undefined : at + act.grace)
          .map(({ rule, since }) => `${rule} ${since}`);
      case 'block':
        // As the support desk does, of a daemon that looks for ends every second.
        while (blocks.expire(at));
        if (blocks.allowEntries.covering(act.client) !== undefined) return 'not-allowed';
        return blocks.impose(act.client, act.rule, at, at + act.length, HAND);
      case 'allow':
        return blocks.allow({ entry: act.network, at, until: at + act.length, hand: HAND });
      case 'disallow':
        return blocks.disallow(act.network, at, HAND);
    }
  }

  flush(): void {
    this.trail.push(...this.#waiting);
    this.#waiting = [];
  }

  /** What a snapshot of the clients holds, in some order. */
  get lines(): readonly string[] {
    const lines: string[] = [];
    const walk = this.blocks.table.walk((record) => lines.push(recordLine(record)));
    while (walk.step(100));
    return lines.sort();
  }

  /** What a snapshot of the clients with good events holds. */
  get goodLines(): readonly string[] {
    const lines: string[] = [];
    const walk = this.blocks.good.walk((client) => lines.push(goodLine(client)));
    while (walk.step(100));
    return lines;
  }

  snapshot(now = 0): void {
    this.flush();
    const { lines, goodLines: good } = this;
    const { saved: allowed, savedEnded: allowedBefore } = this.blocks.allowEntries;
    const counters = JSON.stringify(this.blocks.good.savedCounters.map(counterEntry));
    const place = { sequence: this.trail.length, position: this.#position, written: START + now };
    this.#saved = { lines, good, counters, allowed, allowedBefore, ...place };
  }

  /**
   * kill -9, and a start: what was not on disk is lost.
   * @param twice lines of the trail that are done again although the snapshot includes them
   */
  crash(now: number, twice = 0): void {
    this.#waiting = [];
    const { allowed, allowedBefore, sequence, position } = this.#saved;
    this.#position = position;
    this.blocks = this.#newBlocks();
    this.#loadClients(this.#saved);
    this.blocks.loading.allowEntries(allowed, allowedBefore);
    for (const entry of this.entries.slice(Math.max(0, sequence - twice))) {
      const change = changeOf(entry);
      if (change !== undefined) this.blocks.redo(change);
    }
    this.blocks.adopt(this.#terms, START + now);
  }

  #loadClients({ lines, good, counters, written }: Saved): void {
    for (const line of lines) {
      const { key, state } = parseRecord(line, 1);
      this.blocks.loading.client(key, state);
    }
    const known = (JSON.parse(counters) as CounterEntry[]).map(counterOf);
    this.blocks.loading.goodCounters(known, written);
    for (const line of good) {
      const bytes = Buffer.from(line);
      this.blocks.loading.goodClient(parseGoodLine(bytes, 0, bytes.length, known.length, 1));
    }
  }

  #newBlocks(): Blocks {
    return new Blocks(this.#terms, (change) => this.#note(change));
  }

  #note(change: Change): void {
    if (!isAudited(change)) return;
    const sequence = this.trail.length + this.#waiting.length + 1;
    this.#waiting.push(JSON.stringify(auditEntry(change, sequence, change.at)));
  }
}

function detailed({ client, time, kind, user }: Line): LogEvent {
  const at = START + time;
  if (kind === 'login') return { kind, address: client, at, user };
  if (kind === 'accepted-message') return { kind, address: client, at, recipients: 1 };
  if (kind === 'ended-connection') return { kind, address: client, at };
  const abuse = { ...eventOf(client, time), detail: () => ({ line: `${kind} at ${time}` }) };
  return kind === 'refusal' ? { kind, address: client, at, detail: abuse.detail } : { ...abuse, kind, user };
}
