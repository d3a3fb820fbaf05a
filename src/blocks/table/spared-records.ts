// The records of spared clients and of clients in grace, so that a list of them needs no walk over a million records.

import type { ClientRecord } from './record.ts';
import { type Spared, sparedWhere } from './spared.ts';

/** No more than the table holds. */
export class SparedRecords {
  readonly #records = new Set<ClientRecord>();
  readonly #inGrace = new Set<ClientRecord>();
  readonly #beforeChange: (record: ClientRecord) => void;

  constructor(beforeChange: (record: ClientRecord) => void) {
    this.#beforeChange = beforeChange;
  }

  get size(): number {
    return this.#records.size;
  }

  /** The record changed, or is new. */
  update(record: ClientRecord): void {
    if (record.spared !== undefined) this.#records.add(record);
    else if (this.#records.size > 0) this.#records.delete(record);
    if (record.grace > 0) this.#inGrace.add(record);
  }

  /** The record leaves the table. */
  leave(record: ClientRecord): void {
    this.#records.delete(record);
    this.#inGrace.delete(record);
  }

  /** Those that were given a grace, which may be over. */
  inGrace(): Iterable<ClientRecord> {
    return this.#inGrace.values();
  }

  all(): Iterable<ClientRecord> {
    return this.#records.values();
  }

  /** Of the next `count` records, going round, keeps what is wanted; a record stays in its place in the table. */
  keep(count: number, isKept: (spared: Spared) => boolean): void {
    for (const record of this.#next(count)) {
      const spared = sparedWhere(record.spared, isKept);
      if (spared === record.spared) continue;
      this.#beforeChange(record);
      record.spared = spared;
      this.update(record);
    }
  }

  #next(count: number): readonly ClientRecord[] {
    const records: ClientRecord[] = [];
    for (const record of this.#records) {
      if (records.length === count) break;
      records.push(record);
    }
    for (const record of records) {
      this.#records.delete(record);
      this.#records.add(record);
    }
    return records;
  }
}
