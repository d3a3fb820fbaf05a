// A server that hosts share, in memory: it counts by the blocks of postblock itself, and can fail, be emptied and set back.

import { Blocks } from '../../src/blocks/blocks.ts';
import { type AuditedChange, isAudited } from '../../src/blocks/changes.ts';
import { classOfCode, kindOfCode } from '../../src/blocks/events/codes.ts';
import type { LogEvent } from '../../src/blocks/events/event.ts';
import type { Terms } from '../../src/blocks/terms.ts';
import {
  type Batch,
  COMMON,
  type Counted,
  type HostReport,
  type SharedChange,
  type SharedEvent,
  type SharedStore,
  StoreError,
  type StoreListener,
  type StreamEntry,
  type StreamPart,
} from '../../src/sharing/shared-store.ts';

export class MemoryServer {
  readonly #terms: Terms;
  readonly #clock: () => number;
  blocks: Blocks;
  /** undefined while it answers */
  failure: string | undefined;
  /** calls that are answered before it fails */
  callsLeft = Number.POSITIVE_INFINITY;
  /** events that were counted */
  counted: { readonly host: string; readonly event: SharedEvent }[] = [];
  /** the same, of those that it has not lost */
  held: { readonly host: string; readonly event: SharedEvent }[] = [];
  /** events that came again after a loss, with which no block starts */
  deferred = 0;
  /** hosts that have repeated what was lost, and how many events it held then */
  repeated: { readonly host: string; readonly held: number }[] = [];
  /** the generation that hosts have set, by shard */
  #begun = new Map<number, string>();
  /** the last entry that was trimmed, and all entries before it */
  #trimmed = 0;
  #kept: StreamEntry[][] = [];
  #generation = 1;
  #host = '';
  #last = 0;
  #seen = new Map<string, number>();
  #streams: StreamEntry[][] = [];
  readonly #listeners = new Map<string, StoreListener>();
  readonly #names = new Map<string, { readonly owner: object; readonly report: HostReport }>();

  constructor(terms: Terms, clock: () => number) {
    this.#terms = terms;
    this.#clock = clock;
    this.blocks = this.#newBlocks();
    this.clear();
  }

  /** Loses all that it holds. */
  clear(): void {
    this.#generation++;
    this.held = [];
    this.#begun = new Map();
    this.#seen = new Map();
    this.#streams = Array.from({ length: COMMON + 1 }, () => []);
    this.blocks = this.#newBlocks();
  }

  /** Removes all entries of streams, as when they are older than streams are kept; what they led to stays. */
  trim(): void {
    this.#trimmed = this.#last;
    this.#kept = this.#streams;
    this.#streams = Array.from({ length: COMMON + 1 }, () => []);
  }

  connect(host: string, listener: StoreListener): SharedStore {
    const owner = {};
    this.#listeners.set(host, listener);
    const call = async <T>(act: () => T): Promise<T> => {
      await Promise.resolve();
      if (this.failure !== undefined || this.callsLeft <= 0)
        throw new StoreError('unreachable', this.failure ?? 'gone');
      this.callsLeft--;
      return act();
    };
    return {
      roundTrip: undefined,
      begin: (generation) =>
        call(() => {
          for (let shard = 0; shard < COMMON; shard++) this.#begun.set(shard, generation);
        }),
      count: (batch) => call(() => this.#count(host, batch)),
      publish: (shard, change) => call(() => this.#publish(shard, host, change)),
      read: (shard, after) => call(() => this.#read(shard, after)),
      readAll: (shard, take) => call(() => this.#readAll(shard, take)),
      report: (report) =>
        call(() => {
          const known = this.#names.get(host);
          const isTaken = known !== undefined && known.owner !== owner;
          if (!isTaken) this.#names.set(host, { owner, report: { ...report, host, seen: this.#clock() } });
          return { generation: `${this.#generation}`, time: this.#clock(), isTaken };
        }),
      repeated: () => call(() => void this.repeated.push({ host, held: this.held.length })),
      leave: () => call(() => void this.#names.delete(host)),
      hosts: () => call(() => [...this.#names.values()].map(({ report }) => report)),
      ask: async (question, _, expected) => await await call(() => this.#ask(question, expected)),
      close: async () => {
        this.#listeners.delete(host);
        // The name of a process that is gone lapses.
        if (this.#names.get(host)?.owner === owner) this.#names.delete(host);
      },
    };
  }

  #newBlocks(): Blocks {
    return new Blocks(this.#terms, (change) => {
      if (isAudited(change) && (change.type === 'block' || change.type === 'spared'))
        this.#append(this.#shard, this.#host, change);
    });
  }

  #shard = 0;

  #count(host: string, batch: Batch): Counted {
    const { shard, source, since, events, repeatedTo = 0, acknowledged = 0, generation } = batch;
    const field = `${shard} ${host} ${source} ${since}`;
    const before = this.#seen.get(field) ?? 0;
    if (generation !== undefined && generation !== this.#begun.get(shard)) return { before, isEmptied: true };
    if (before < acknowledged) return { before };
    this.#host = host;
    this.#shard = shard;
    for (const event of events) {
      if (event.number <= (this.#seen.get(field) ?? 0)) continue;
      this.#seen.set(field, event.number);
      this.counted.push({ host, event });
      this.held.push({ host, event });
      // What is repeated starts no block.
      const isRepeated = event.number <= repeatedTo;
      if (isRepeated) this.deferred++;
      this.blocks.shared = { isOn: true, decides: isRepeated };
      this.blocks.take(logEventOf(event));
    }
    return { before };
  }

  #publish(shard: number, host: string, change: AuditedChange): string {
    this.blocks.apply(change);
    return this.#append(shard, host, change);
  }

  #append(shard: number, host: string, change: AuditedChange): string {
    const id = `${++this.#last}-0`;
    this.#streams[shard]?.push({ id, host, change });
    for (const listener of this.#listeners.values()) queueMicrotask(() => listener.changed(shard));
    return id;
  }

  #read(shard: number, after: string): StreamPart {
    const isAfter = ({ id }: StreamEntry) => Number.parseInt(id, 10) > Number.parseInt(after, 10);
    const entries = (this.#streams[shard] ?? []).filter(isAfter).slice(0, 1000);
    const isComplete = Number.parseInt(after, 10) >= this.#trimmed;
    return { entries, isComplete, last: entries.at(-1)?.id ?? after, unknown: 0 };
  }

  #readAll(shard: number, take: (change: SharedChange) => void): string {
    const all = [...(this.#kept[shard] ?? []), ...(this.#streams[shard] ?? [])];
    for (const entry of all) take(entry);
    return `${this.#last}-0`;
  }

  async #ask(question: string, expected: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
    const answers = new Map<string, string>();
    const asked = [...expected].flatMap((host) => {
      const listener = this.#listeners.get(host);
      if (listener === undefined) return [];
      return new Promise<void>((resolve) => {
        listener.asked(question, (answer) => {
          answers.set(host, answer);
          resolve();
        });
      });
    });
    await Promise.all(asked);
    return answers;
  }
}

function logEventOf(event: SharedEvent): LogEvent {
  const { key, at } = event;
  // The network of an IPv6 client stands for its addresses.
  const address = key.replace(/\/\d+$/, '');
  switch (event.type) {
    case 'abuse': {
      const { code, user } = event;
      return { kind: kindOfCode(code), class: classOfCode(code), at, address, user };
    }
    case 'message':
      return { kind: 'accepted-message', at, address, recipients: event.recipients };
    case 'login':
      return { kind: 'login', at, address, user: event.user };
    case 'connection':
      return { kind: 'ended-connection', at, address };
  }
}
