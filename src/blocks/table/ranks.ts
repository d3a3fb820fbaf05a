// The clients that may be forgotten, ranked by how telling they are: who goes first where room is wanted.

import { timeOf } from '../events/window.ts';
import { STRENGTHS, strengthOf, touchedAt } from './eviction.ts';
import { Queue } from './queue.ts';
import type { ClientRecord } from './record.ts';
import { Crowd, NOBODY } from './single-event-clients.ts';

export class Ranks {
  /** the first of the lowest rank */
  readonly crowd = new Crowd();
  /** a queue for each rank, the lowest first; in each, those seen longest ago come first */
  readonly queues: readonly Queue<ClientRecord>[] = Array.from(
    { length: STRENGTHS },
    () => new Queue<ClientRecord>(),
  );

  get size(): number {
    return this.queues.reduce((sum, queue) => sum + queue.size, this.crowd.size);
  }

  get weight(): number {
    let weight = this.crowd.size;
    for (const queue of this.queues) weight += queue.weight;
    return weight;
  }

  queueFor(record: ClientRecord): Queue<ClientRecord> | undefined {
    return this.queues[strengthOf(record)];
  }

  /**
   * The client to forget next: of the lowest rank that takes more than its share of the room, the one seen longest ago.
   * Without shares, whoever fills the table with clients seen twice could have each new one forgotten at once.
   * @param except never this one
   */
  weakest(room: number, except: ClientRecord | undefined): ClientRecord | undefined {
    const share = room / STRENGTHS;
    let other: ClientRecord | undefined;
    for (let rank = 0; rank < STRENGTHS; rank++) {
      const queue = this.queues[rank];
      const weight = (queue?.weight ?? 0) + (rank === 0 ? this.crowd.size : 0);
      const first = this.#firstBut(rank, except);
      if (first !== undefined && weight > share) return first;
      other ??= first;
    }
    return other;
  }

  /** A client whose newest event, or end of block, lies before this (ms). */
  older(before: number): ClientRecord | undefined {
    const { first } = this.crowd;
    // Asked each second, and of most seconds in vain: without making a record.
    if (first !== NOBODY && timeOf(this.crowd.stampAt(first)) < before) return this.crowd.at(first);
    for (const queue of this.queues)
      if (queue.first !== undefined && touchedAt(queue.first) < before) return queue.first;
    return undefined;
  }

  #firstBut(rank: number, except: ClientRecord | undefined): ClientRecord | undefined {
    if (rank === 0 && this.crowd.first !== NOBODY) {
      const first = this.crowd.at(this.crowd.first);
      if (first.key !== except?.key) return first;
    }
    const first = this.queues[rank]?.first;
    return first === except ? first?.next : first;
  }
}
