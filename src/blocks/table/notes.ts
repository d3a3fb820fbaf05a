// The notes of one purpose of one client, such as the mails that its block cost, in order of time.

import { MAX_TEXT, NO_CELL, type Note, type NoteCell, type NoteCells } from './note-cells.ts';

export class Notes implements Iterable<Note> {
  readonly #cells: NoteCells;
  #oldest = NO_CELL;
  #newest = NO_CELL;
  #size = 0;
  #bytes = 0;

  constructor(cells: NoteCells) {
    this.#cells = cells;
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes outside V8's heap. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a note after those of its time and before; one that is too long is not added. */
  add(note: Note): void {
    if (note.text.length > MAX_TEXT) return;
    const cells = this.#cells;
    const place = cells.put(note);
    let older = this.#newest;
    while (older !== NO_CELL && cells.at(older) > note.at) older = cells.older(older);
    const newer = older === NO_CELL ? this.#oldest : cells.newer(older);
    this.#join(older, place);
    this.#join(place, newer);
    this.#size++;
    this.#bytes += cells.bytesOf(place);
  }

  has({ at, code, text }: Note): boolean {
    const cells = this.#cells;
    for (let place = this.#newest; place !== NO_CELL && cells.at(place) >= at; place = cells.older(place)) {
      if (cells.at(place) === at && cells.code(place) === code && cells.text(place) === text) return true;
    }
    return false;
  }

  countOf(code: number): number {
    let count = 0;
    for (let place = this.#oldest; place !== NO_CELL; place = this.#cells.newer(place))
      if (this.#cells.code(place) === code) count++;
    return count;
  }

  /** Removes the oldest note, or the oldest one of a code. */
  removeOldest(code?: number): void {
    const cells = this.#cells;
    let place = this.#oldest;
    while (place !== NO_CELL && code !== undefined && cells.code(place) !== code) place = cells.newer(place);
    if (place !== NO_CELL) this.#remove(place);
  }

  /** Copies of those that are wanted; of more than `most`, the newest. */
  copy(most: number, isWanted: (at: number, code: number) => boolean): Notes {
    const cells = this.#cells;
    const wanted: Note[] = [];
    for (let place = this.#newest; place !== NO_CELL && wanted.length < most; place = cells.older(place)) {
      const [at, code] = [cells.at(place), cells.code(place)];
      if (isWanted(at, code)) wanted.push({ at, code, text: cells.text(place) });
    }
    const copy = new Notes(cells);
    for (const note of wanted.reverse()) copy.add(note);
    return copy;
  }

  clear(): void {
    for (let place = this.#oldest; place !== NO_CELL; ) {
      const newer = this.#cells.newer(place);
      this.#cells.remove(place);
      place = newer;
    }
    this.#oldest = NO_CELL;
    this.#newest = NO_CELL;
    this.#size = 0;
    this.#bytes = 0;
  }

  /** The oldest first. */
  *[Symbol.iterator](): Generator<Note> {
    const cells = this.#cells;
    for (let place = this.#oldest; place !== NO_CELL; place = cells.newer(place))
      yield { at: cells.at(place), code: cells.code(place), text: cells.text(place) };
  }

  #remove(place: NoteCell): void {
    const cells = this.#cells;
    this.#bytes -= cells.bytesOf(place);
    this.#size--;
    this.#join(cells.older(place), cells.newer(place));
    cells.remove(place);
  }

  /** Makes two notes neighbours; NO_CELL before the oldest and after the newest. */
  #join(older: NoteCell, newer: NoteCell): void {
    if (older === NO_CELL) this.#oldest = newer;
    else this.#cells.setNewer(older, newer);
    if (newer === NO_CELL) this.#newest = older;
    else this.#cells.setOlder(newer, older);
  }
}
