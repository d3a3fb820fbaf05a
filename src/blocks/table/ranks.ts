// The clients that may be evicted, ranked by how strong the evidence against them is.

import { timeOf } from '../events/window.ts';
import { rankOf, STRENGTHS, touchedAt } from './eviction.ts';
import { Queue } from './queue.ts';
import type { ClientRecord } from './record.ts';
import { NO_SLOT, SingleEventClients } from './single-event-clients.ts';

/** Clients looked at in a step of a search. */
const STEP = 1000;

export class Ranks {
  /** the first of the lowest rank */
  readonly singles = new SingleEventClients();
  /** clients with former blocks */
  readonly former = new Queue<ClientRecord>();
  /** a queue for each rank, the lowest first; in each, those seen longest ago come first */
  readonly queues: readonly Queue<ClientRecord>[] = [
    ...Array.from({ length: STRENGTHS }, () => new Queue<ClientRecord>()),
    this.former,
  ];

  get size(): number {
    return this.queues.reduce((sum, queue) => sum + queue.size, this.singles.size);
  }

  get weight(): number {
    let weight = this.singles.size;
    for (const queue of this.queues) weight += queue.weight;
    return weight;
  }

  /**
   * Looks for a client that is both among those with a single event and in this queue or a queue of a rank, in steps. Gives
   * its key, and undefined after each step.
   */
  *twinsIn(other: Queue<ClientRecord>): Generator<string | undefined> {
    let left = STEP;
    for (const queue of [other, ...this.queues]) {
      for (const { key } of queue) {
        if (this.singles.find(key) !== NO_SLOT) yield key;
        if (--left > 0) continue;
        left = STEP;
        yield undefined;
      }
    }
  }

  queueFor(record: ClientRecord): Queue<ClientRecord> | undefined {
    return this.queues[rankOf(record)];
  }

  /**
   * The client to evict next: of the lowest rank that takes more than its share of the room, the one seen longest ago.
   * Without shares, an attacker that fills the table with clients seen twice would have each new client evicted at once.
   * @param except never this one
   */
  weakest(room: number, except: ClientRecord | undefined): ClientRecord | undefined {
    const share = room / (this.former.size > 0 ? STRENGTHS + 1 : STRENGTHS);
    let other: ClientRecord | undefined;
    for (let rank = 0; rank < this.queues.length; rank++) {
      const queue = this.queues[rank];
      const weight = (queue?.weight ?? 0) + (rank === 0 ? this.singles.size : 0);
      const first = this.#firstBut(rank, except);
      if (first !== undefined && weight > share) return first;
      other ??= first;
    }
    return other;
  }

  /**
   * A client whose newest event, or end of block, lies before this (ms).
   * @param formerBefore ms; the same for clients with former blocks
   */
  older(before: number, formerBefore: number): ClientRecord | undefined {
    const { first } = this.singles;
    // Called each second, and mostly in vain: without making a record.
    if (first !== NO_SLOT && timeOf(this.singles.stampAt(first)) < before)
      return this.singles.recordAt(first);
    for (const queue of this.queues) {
      const time = queue === this.former ? formerBefore : before;
      if (queue.first !== undefined && touchedAt(queue.first) < time) return queue.first;
    }
    return undefined;
  }

  #firstBut(rank: number, except: ClientRecord | undefined): ClientRecord | undefined {
    if (rank === 0 && this.singles.first !== NO_SLOT) {
      const first = this.singles.recordAt(this.singles.first);
      if (first.key !== except?.key) return first;
    }
    const first = this.queues[rank]?.first;
    return first === except ? first?.next : first;
  }
}
