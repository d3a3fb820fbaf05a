// An index of slots by the hash of their keys: open addressing in one array of numbers.

/** The slots that an index leads to. */
export interface Rows {
  hashAt(slot: number): number;
  /** Whether the slot has the key that is looked for. */
  isWanted(slot: number): boolean;
}

const FIRST_PLACES = 16;
/** With a third of the places free, a few looks find a slot. */
const MAX_LOAD = 2 / 3;

export class SlotIndex {
  readonly #rows: Rows;
  /** slots by hash, counted from 1; 0 where none is */
  #places = new Uint32Array(FIRST_PLACES);
  #size = 0;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** The slot with this hash and the key that is looked for; -1 where none has it. */
  find(hash: number): number {
    const mask = this.#places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const slot = (this.#places[place] ?? 0) - 1;
      if (slot < 0 || this.#rows.isWanted(slot)) return slot;
    }
  }

  add(slot: number, hash: number): void {
    if (++this.#size > this.#places.length * MAX_LOAD) this.#grow();
    this.#enter(slot, hash);
  }

  remove(slot: number): void {
    this.#size--;
    const mask = this.#places.length - 1;
    let hole = this.#rows.hashAt(slot) & mask;
    while (this.#places[hole] !== slot + 1) hole = (hole + 1) & mask;
    // An entry behind the hole that would have been put into it moves up: no search may end too early.
    for (let place = (hole + 1) & mask; ; place = (place + 1) & mask) {
      const entry = this.#places[place] ?? 0;
      if (entry === 0) break;
      const home = this.#rows.hashAt(entry - 1) & mask;
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      this.#places[hole] = entry;
      hole = place;
    }
    this.#places[hole] = 0;
  }

  #enter(slot: number, hash: number): void {
    const mask = this.#places.length - 1;
    let place = hash & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = slot + 1;
  }

  #grow(): void {
    const entries = this.#places;
    this.#places = new Uint32Array(entries.length * 2);
    for (const entry of entries) if (entry !== 0) this.#enter(entry - 1, this.#rows.hashAt(entry - 1));
  }
}
