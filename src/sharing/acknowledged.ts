// Up to which event of each numbering the server has counted what this host sent, and what it lost of that.

import { highestIn, type NumberingState } from '../maillog/sources/numbering.ts';
import type { Batch } from './shared-store.ts';

type OfNumbering = Pick<Batch, 'shard' | 'source' | 'since'>;

export class Acknowledged {
  /** by shard and numbering */
  #numbers = new Map<string, number>();
  /** the same when the server lost what it held */
  readonly #lost = new Map<string, number>();
  /** how far the log had been read then, by name of the source */
  #readAtLoss: Readonly<Record<string, NumberingState>> = {};

  /** What a batch has to say of its numbering. */
  of(batch: OfNumbering): Pick<Batch, 'acknowledged' | 'repeatedTo'> {
    const key = keyOf(batch);
    const read = this.#readAtLoss[batch.source];
    const readTo = read?.since === batch.since ? highestIn(read) : 0;
    return {
      acknowledged: this.#numbers.get(key) ?? 0,
      repeatedTo: Math.max(readTo, this.#lost.get(key) ?? 0),
    };
  }

  /**
   * A batch is counted.
   * @param before the highest number that the server had of its numbering
   * @returns whether the server had all that it has acknowledged
   */
  counted(batch: Batch, before: number): boolean {
    const key = keyOf(batch);
    const known = this.#numbers.get(key) ?? 0;
    if (before < known) return false;
    this.#numbers.set(key, Math.max(known, batch.events.at(-1)?.number ?? 0));
    return true;
  }

  /**
   * The server has lost what it held.
   * @param read how far the log is read: what was counted before this process started is not known otherwise
   */
  lose(read: Readonly<Record<string, NumberingState>>): void {
    for (const [key, number] of this.#numbers) this.#lost.set(key, number);
    this.#numbers = new Map();
    this.#readAtLoss = read;
  }
}

function keyOf({ shard, source, since }: OfNumbering): string {
  return `${shard} ${source} ${since}`;
}
