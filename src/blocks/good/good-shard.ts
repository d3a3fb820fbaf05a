// Some thousand clients with good events in one array of numbers; few, so that it grows in a moment.

import { KEY_LENGTH, keyHash, keyText } from '../table/key-words.ts';
import { type Rows, SlotIndex } from './slot-index.ts';

const FIRST_SLOTS = 4;
/** Little is free after a step, and little is copied in one. */
const GROWTH = 1.25;

/** Words of a slot: the key, in whose last word the bits of the network leave room for marks, then these. */
const BITS = KEY_LENGTH - 1;
/** the neighbours in the order over all shards */
export const PREVIOUS = KEY_LENGTH;
export const NEXT = KEY_LENGTH + 1;
/** the newest good event, s since 1970 */
export const LATEST = KEY_LENGTH + 2;
/** the newest accepted message or login, s since 1970; 0 where there is none */
export const NEWEST = KEY_LENGTH + 3;
const USER = KEY_LENGTH + 4;
const SLOT_WORDS = USER + 3;
/** Of a user, and of the time of its login. */
const LOW = 2 ** 32;

const BITS_MASK = 0xff;
const STANDING_MARK = 0x100;
const SAVED_SHIFT = 9;
/** Number of a snapshot, which starts again at zero after years. */
const SAVED_MASK = 0x7f_ffff;

/** A client keeps its slot for as long as it is here. */
export class GoodShard implements Rows {
  #words = new Uint32Array(FIRST_SLOTS * SLOT_WORDS);
  readonly #index = new SlotIndex(this);
  /** the key that is looked for, and one that is read */
  #wanted: Uint32Array = new Uint32Array(KEY_LENGTH);
  readonly #key = new Uint32Array(KEY_LENGTH);
  /** free slots, counted from 1, each of which has the next one in the place of its neighbour; 0 where none is */
  #free = 0;
  /** slots that were ever taken */
  #touched = 0;

  /** The slot of the key whose words stand in `key`; -1 where it is not here. */
  find(key: Uint32Array, hash: number): number {
    this.#wanted = key;
    return this.#index.find(hash);
  }

  /** Takes up a key that is not here. @returns its slot, in which all else is zero */
  add(key: Uint32Array, hash: number): number {
    const slot = this.#freeSlot();
    const start = slot * SLOT_WORDS;
    this.#words.fill(0, start, start + SLOT_WORDS);
    this.#words.set(key, start);
    this.#index.add(slot, hash);
    return slot;
  }

  remove(slot: number): void {
    this.#index.remove(slot);
    this.set(slot, NEXT, this.#free);
    this.#free = slot + 1;
  }

  keyText(slot: number): string {
    this.#readKey(slot);
    return keyText(this.#key, 0);
  }

  hashAt(slot: number): number {
    this.#readKey(slot);
    return keyHash(this.#key, 0);
  }

  isWanted(slot: number): boolean {
    const start = slot * SLOT_WORDS;
    for (let i = 0; i < BITS; i++) if (this.#words[start + i] !== this.#wanted[i]) return false;
    return ((this.#words[start + BITS] ?? 0) & BITS_MASK) === this.#wanted[BITS];
  }

  /** @param word PREVIOUS, NEXT, LATEST or NEWEST */
  get(slot: number, word: number): number {
    return this.#words[slot * SLOT_WORDS + word] ?? 0;
  }

  set(slot: number, word: number, value: number): void {
    this.#words[slot * SLOT_WORDS + word] = value;
  }

  /** The user that is kept with the client: 48 bits. */
  user(slot: number): number {
    return (this.get(slot, USER + 1) & 0xffff) * LOW + this.get(slot, USER);
  }

  /** When that user last logged in, ms since 1970; 0 where there is none. */
  userAt(slot: number): number {
    return (this.get(slot, USER + 1) >>> 16) * LOW + this.get(slot, USER + 2);
  }

  setUser(slot: number, user: number, at: number): void {
    this.set(slot, USER, user % LOW);
    this.set(slot, USER + 1, Math.floor(at / LOW) * 0x10000 + Math.floor(user / LOW));
    this.set(slot, USER + 2, at % LOW);
  }

  /** Whether the client is ranked among those in good standing. */
  isRankedStanding(slot: number): boolean {
    return (this.get(slot, BITS) & STANDING_MARK) !== 0;
  }

  setRankedStanding(slot: number, isStanding: boolean): void {
    const marks = this.get(slot, BITS) & ~STANDING_MARK;
    this.set(slot, BITS, isStanding ? marks | STANDING_MARK : marks);
  }

  /** Whether the snapshot of this number holds the client already. */
  isSaved(slot: number, number: number): boolean {
    return this.get(slot, BITS) >>> SAVED_SHIFT === (number & SAVED_MASK);
  }

  setSaved(slot: number, number: number): void {
    const rest = this.get(slot, BITS) & (BITS_MASK | STANDING_MARK);
    this.set(slot, BITS, ((number & SAVED_MASK) << SAVED_SHIFT) | rest);
  }

  #readKey(slot: number): void {
    const start = slot * SLOT_WORDS;
    for (let i = 0; i < BITS; i++) this.#key[i] = this.#words[start + i] ?? 0;
    this.#key[BITS] = (this.#words[start + BITS] ?? 0) & BITS_MASK;
  }

  #freeSlot(): number {
    const slot = this.#free - 1;
    if (slot >= 0) {
      this.#free = this.get(slot, NEXT);
      return slot;
    }
    if ((this.#touched + 1) * SLOT_WORDS > this.#words.length) {
      const words = new Uint32Array(Math.ceil(this.#touched * GROWTH) * SLOT_WORDS);
      words.set(this.#words);
      this.#words = words;
    }
    return this.#touched++;
  }
}
