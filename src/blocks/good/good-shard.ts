// Some thousand clients of one address family with good events in one array; few, so that it grows in a moment.

import { KEY_LENGTH, keyHash, keyText, readKey, type ShortKey } from '../table/key-words.ts';
import type { Growth } from './growth.ts';
import { type Rows, SlotIndex } from './slot-index.ts';

const FIRST_SLOTS = 4;

/** Words of a slot: the bits of the network, which leave room for marks, then these. */
const BITS = 0;
/** the neighbours in the order over all shards */
export const PREVIOUS = 1;
export const NEXT = 2;
/** the newest good event, s since 1970 */
export const LATEST = 3;
/** the newest accepted message or login, s since 1970; 0 where there is none */
export const NEWEST = 4;
const USER = 5;
/** the address: one word of an IPv4 client, all four of others */
const ADDRESS = 8;
/** Words of a key: those of the address, in which the last one is that of IPv4, and the bits of the network. */
const ADDRESS_WORDS = KEY_LENGTH - 1;
const IPV4_WORD = ADDRESS_WORDS - 1;
const KEY_BITS = ADDRESS_WORDS;
/** Of a user, and of the time of its login. */
const LOW = 2 ** 32;

const BITS_MASK = 0xff;
const STANDING_MARK = 0x100;
const SAVED_SHIFT = 9;
/** Number of a snapshot, which starts again at zero after years. */
const SAVED_MASK = 0x7f_ffff;

/** A client keeps its slot for as long as it is here. */
export class GoodShard implements Rows {
  readonly #isIPv4: boolean;
  readonly #slotWords: number;
  readonly #growth: Growth;
  #words: Uint32Array;
  readonly #index = new SlotIndex(this);
  /** the key that is looked for, and one that is read */
  #wanted: Uint32Array = new Uint32Array(KEY_LENGTH);
  readonly #key = new Uint32Array(KEY_LENGTH);
  /** free slots, counted from 1, each of which has the next one in the place of its neighbour; 0 where none is */
  #free = 0;
  /** slots that were ever taken */
  #touched = 0;

  constructor(isIPv4: boolean, growth: Growth) {
    this.#growth = growth;
    this.#isIPv4 = isIPv4;
    this.#slotWords = ADDRESS + (isIPv4 ? 1 : ADDRESS_WORDS);
    this.#words = new Uint32Array(FIRST_SLOTS * this.#slotWords);
  }

  /** Slots for which there is memory. */
  get room(): number {
    return this.#words.length / this.#slotWords;
  }

  /** The slot of the key whose words stand in `key`; -1 where it is not here. */
  find(key: Uint32Array, hash: number): number {
    this.#wanted = key;
    return this.#index.find(hash);
  }

  /** Takes up a key that is not here. @returns its slot, in which all else is zero */
  add(key: Uint32Array, hash: number): number {
    const slot = this.#freeSlot();
    const start = slot * this.#slotWords;
    this.#words.fill(0, start, start + this.#slotWords);
    this.#words[start + BITS] = key[KEY_BITS] ?? 0;
    const first = this.#isIPv4 ? IPV4_WORD : 0;
    for (let i = first; i < ADDRESS_WORDS; i++) this.#words[start + ADDRESS + i - first] = key[i] ?? 0;
    this.#index.add(slot, hash);
    return slot;
  }

  remove(slot: number): void {
    this.#index.remove(slot);
    this.set(slot, NEXT, this.#free);
    this.#free = slot + 1;
  }

  shortKey(slot: number): ShortKey {
    if (this.#isIPv4) return this.get(slot, ADDRESS);
    this.#readKey(slot);
    return keyText(this.#key, 0);
  }

  hashAt(slot: number): number {
    this.#readKey(slot);
    return keyHash(this.#key, 0);
  }

  isWanted(slot: number): boolean {
    if (this.#isIPv4) return this.get(slot, ADDRESS) === this.#wanted[IPV4_WORD];
    for (let i = 0; i < ADDRESS_WORDS; i++) if (this.get(slot, ADDRESS + i) !== this.#wanted[i]) return false;
    return (this.get(slot, BITS) & BITS_MASK) === this.#wanted[KEY_BITS];
  }

  /** @param word PREVIOUS, NEXT, LATEST or NEWEST */
  get(slot: number, word: number): number {
    return this.#words[slot * this.#slotWords + word] ?? 0;
  }

  set(slot: number, word: number, value: number): void {
    this.#words[slot * this.#slotWords + word] = value;
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
    if (this.#isIPv4) {
      readKey(this.get(slot, ADDRESS), this.#key);
      return;
    }
    for (let i = 0; i < ADDRESS_WORDS; i++) this.#key[i] = this.get(slot, ADDRESS + i);
    this.#key[KEY_BITS] = this.get(slot, BITS) & BITS_MASK;
  }

  #freeSlot(): number {
    const slot = this.#free - 1;
    if (slot >= 0) {
      this.#free = this.get(slot, NEXT);
      return slot;
    }
    if ((this.#touched + 1) * this.#slotWords > this.#words.length) {
      const words = new Uint32Array(this.#growth.placesFor(this.#touched) * this.#slotWords);
      words.set(this.#words);
      this.#words = words;
    }
    return this.#touched++;
  }
}
