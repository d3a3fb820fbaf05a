// Clients with a single event in one array of numbers, found by open addressing; few, so that it grows in a moment.

import { isSameKey, KEY_LENGTH, keyHash, keyText, type ShortKey, shortKey } from './key-words.ts';

const FIRST_SLOTS = 16;
/** Places of the index for each slot: with half of them free, two looks find a client. */
const INDEX_A_SLOT = 2;
const NONE = -1;

/** Words of a slot, side by side because memory access is what costs: the key, then these. */
const SAVED = KEY_LENGTH;
const PREVIOUS = SAVED + 1;
const NEXT = SAVED + 2;
const STAMP = SAVED + 3;
const USER = STAMP + 2;
const SLOT_WORDS = USER + 2;

/** A client keeps its slot for as long as it is here. */
export class SingleEventShard {
  #words = new Uint32Array(FIRST_SLOTS * SLOT_WORDS);
  /** the same memory: an event takes two words, and its user two */
  #stamps = new Float64Array(this.#words.buffer);
  /** slots by hash, counted from 1; 0 where none is */
  #index = new Uint32Array(FIRST_SLOTS * INDEX_A_SLOT);
  /** the first of the free slots, each of which has the next one in the place of its neighbour */
  #free = NONE;
  /** slots that were ever taken */
  #touched = 0;

  /** The slot of the key whose words stand in `key`; -1 where it is not here. */
  find(key: Uint32Array, hash: number): number {
    const mask = this.#index.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const slot = (this.#index[place] ?? 0) - 1;
      if (slot < 0 || isSameKey(key, this.#words, slot * SLOT_WORDS)) return slot;
    }
  }

  /**
   * Takes up a key that is not here.
   * @param stamp of its one event
   * @param saved number of the snapshot that holds it already
   * @returns its slot
   */
  add(key: Uint32Array, hash: number, stamp: number, saved: number): number {
    const slot = this.#freeSlot();
    this.#words.set(key, slot * SLOT_WORDS);
    this.#stamps[(slot * SLOT_WORDS + STAMP) / 2] = stamp;
    this.setSaved(slot, saved);
    this.#enter(slot, hash);
    return slot;
  }

  remove(slot: number): void {
    const mask = this.#index.length - 1;
    let hole = this.#hashAt(slot) & mask;
    while (this.#index[hole] !== slot + 1) hole = (hole + 1) & mask;
    // An entry behind the hole that would have been put into it moves up: no search may end too early.
    for (let place = (hole + 1) & mask; ; place = (place + 1) & mask) {
      const entry = this.#index[place] ?? 0;
      if (entry === 0) break;
      const home = this.#hashAt(entry - 1) & mask;
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      this.#index[hole] = entry;
      hole = place;
    }
    this.#index[hole] = 0;
    this.setNext(slot, this.#free);
    this.#free = slot;
  }

  keyText(slot: number): string {
    return keyText(this.#words, slot * SLOT_WORDS);
  }

  shortKey(slot: number): ShortKey {
    return shortKey(this.#words, slot * SLOT_WORDS);
  }

  stamp(slot: number): number {
    return this.#stamps[(slot * SLOT_WORDS + STAMP) / 2] ?? 0;
  }

  /** 0 where it is not known */
  user(slot: number): number {
    return this.#stamps[(slot * SLOT_WORDS + USER) / 2] ?? 0;
  }

  setUser(slot: number, user: number): void {
    this.#stamps[(slot * SLOT_WORDS + USER) / 2] = user;
  }

  saved(slot: number): number {
    return this.#words[slot * SLOT_WORDS + SAVED] ?? 0;
  }

  setSaved(slot: number, number: number): void {
    this.#words[slot * SLOT_WORDS + SAVED] = number;
  }

  /** The neighbours in the order over all shards, as signed numbers of 32 bits. */
  previous(slot: number): number {
    return (this.#words[slot * SLOT_WORDS + PREVIOUS] ?? 0) | 0;
  }

  setPrevious(slot: number, place: number): void {
    this.#words[slot * SLOT_WORDS + PREVIOUS] = place;
  }

  next(slot: number): number {
    return (this.#words[slot * SLOT_WORDS + NEXT] ?? 0) | 0;
  }

  setNext(slot: number, place: number): void {
    this.#words[slot * SLOT_WORDS + NEXT] = place;
  }

  #freeSlot(): number {
    const slot = this.#free;
    if (slot !== NONE) {
      this.#free = this.next(slot);
      return slot;
    }
    if (this.#touched * INDEX_A_SLOT === this.#index.length) this.#grow();
    return this.#touched++;
  }

  #enter(slot: number, hash: number): void {
    const mask = this.#index.length - 1;
    let place = hash & mask;
    while (this.#index[place] !== 0) place = (place + 1) & mask;
    this.#index[place] = slot + 1;
  }

  #hashAt(slot: number): number {
    return keyHash(this.#words, slot * SLOT_WORDS);
  }

  #grow(): void {
    const slots = this.#touched * 2;
    const words = new Uint32Array(slots * SLOT_WORDS);
    words.set(this.#words);
    this.#words = words;
    this.#stamps = new Float64Array(words.buffer);
    this.#index = new Uint32Array(slots * INDEX_A_SLOT);
    for (let slot = 0; slot < this.#touched; slot++) this.#enter(slot, this.#hashAt(slot));
  }
}
