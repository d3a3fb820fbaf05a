// Follows the streams of the server: applies what other hosts have changed, and what the server has decided.

import { COMMON, type SharedChange, type SharedStore } from './shared-store.ts';

/** Before the first entry of a stream. */
const START = '0-0';
const ID = /^(\d{1,16})-(\d{1,16})$/;

/** Questions that wait for an answer. */
const MAX_AWAITED = 1000;

export interface StreamsParts extends Pick<SharedStore, 'read' | 'readAll'> {
  /** Applies a change; must not throw. */
  apply(change: SharedChange): void;
  /** So many entries are of a newer release. */
  notUnderstood(count: number): void;
  failed(error: unknown): void;
}

/** A question whether a change has come. */
interface Awaited {
  readonly shard: number;
  readonly id: string;
  resolve(): void;
}

export class Streams {
  readonly #parts: StreamsParts;
  readonly #ids = new Array<string>(COMMON + 1).fill(START);
  readonly #changed = new Set<number>();
  #isOn = false;
  #running: Promise<void> | undefined;
  #awaited: readonly Awaited[] = [];

  constructor(parts: StreamsParts) {
    this.#parts = parts;
  }

  /** The ID of the last entry applied, by shard. */
  get ids(): readonly string[] {
    return [...this.#ids];
  }

  /** Takes the IDs of a snapshot; what is damaged begins again. */
  begin(ids: unknown): void {
    for (const [shard, id] of (Array.isArray(ids) ? ids : []).entries())
      if (shard <= COMMON && typeof id === 'string' && ID.test(id)) this.#ids[shard] = id;
  }

  /** The stream of a shard may have new entries. */
  wake(shard: number): void {
    this.#changed.add(shard);
    this.#run();
  }

  /** The server can be reached: all streams are read. */
  resume(): void {
    this.#isOn = true;
    for (let shard = 0; shard <= COMMON; shard++) this.#changed.add(shard);
    this.#run();
  }

  pause(): void {
    this.#isOn = false;
  }

  /** Reads everything again: the server has lost what it held. */
  restart(): void {
    this.#ids.fill(START);
  }

  /** Resolves when an entry is applied. */
  applied(shard: number, id: string): Promise<void> {
    if (isAtLeast(this.#ids[shard] ?? START, id)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#awaited = [...this.#awaited.slice(1 - MAX_AWAITED), { shard, id, resolve }];
      this.wake(shard);
    });
  }

  #run(): void {
    if (!this.#isOn || this.#running !== undefined || this.#changed.size === 0) return;
    this.#running = this.#readAll()
      .catch((error: unknown) => {
        this.pause();
        this.#parts.failed(error);
      })
      .finally(() => {
        this.#running = undefined;
        this.#run();
      });
  }

  async #readAll(): Promise<void> {
    while (this.#isOn && this.#changed.size > 0) {
      const shards = [...this.#changed];
      this.#changed.clear();
      await Promise.all(shards.map((shard) => this.#readShard(shard)));
    }
  }

  async #readShard(shard: number): Promise<void> {
    for (;;) {
      const after = this.#ids[shard] ?? START;
      const { entries, isComplete, last, unknown } = await this.#parts.read(shard, after);
      if (unknown > 0) this.#parts.notUnderstood(unknown);
      if (isComplete && last === after && entries.length === 0) return;
      if (isComplete) {
        for (const entry of entries) this.#parts.apply(entry);
        this.#ids[shard] = last;
      } else {
        this.#ids[shard] = await this.#parts.readAll(shard, (change) => this.#parts.apply(change));
      }
      this.#resolve(shard);
    }
  }

  #resolve(shard: number): void {
    const id = this.#ids[shard] ?? START;
    const isDone = (one: Awaited) => one.shard === shard && isAtLeast(id, one.id);
    for (const one of this.#awaited.filter(isDone)) one.resolve();
    this.#awaited = this.#awaited.filter((one) => !isDone(one));
  }
}

/** Compares IDs of stream entries: `MILLISECONDS-NUMBER`. */
function isAtLeast(id: string, other: string): boolean {
  const [, ms = '0', number = '0'] = ID.exec(id) ?? [];
  const [, otherMs = '0', otherNumber = '0'] = ID.exec(other) ?? [];
  return Number(ms) === Number(otherMs)
    ? Number(number) >= Number(otherNumber)
    : Number(ms) > Number(otherMs);
}
