// The notes that are kept for one purpose of one client, such as the mails that its block cost, in order of time.

import { MOST_TEXT, NOWHERE, type Note, type NoteCells, type NotePlace } from './note-cells.ts';

export class Notes implements Iterable<Note> {
  readonly #cells: NoteCells;
  #oldest = NOWHERE;
  #newest = NOWHERE;
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

  /** Takes up a note, behind those of its time and before; none that is too long. */
  add(note: Note): void {
    if (note.text.length > MOST_TEXT) return;
    const cells = this.#cells;
    const place = cells.put(note);
    let older = this.#newest;
    while (older !== NOWHERE && cells.at(older) > note.at) older = cells.older(older);
    const newer = older === NOWHERE ? this.#oldest : cells.newer(older);
    this.#join(older, place);
    this.#join(place, newer);
    this.#size++;
    this.#bytes += cells.bytesOf(place);
  }

  has({ at, code, text }: Note): boolean {
    const cells = this.#cells;
    for (let place = this.#newest; place !== NOWHERE && cells.at(place) >= at; place = cells.older(place)) {
      if (cells.at(place) === at && cells.code(place) === code && cells.text(place) === text) return true;
    }
    return false;
  }

  countOf(code: number): number {
    let count = 0;
    for (let place = this.#oldest; place !== NOWHERE; place = this.#cells.newer(place))
      if (this.#cells.code(place) === code) count++;
    return count;
  }

  /** Lets the oldest note go, or the oldest one of a code. */
  removeOldest(code?: number): void {
    const cells = this.#cells;
    let place = this.#oldest;
    while (place !== NOWHERE && code !== undefined && cells.code(place) !== code) place = cells.newer(place);
    if (place !== NOWHERE) this.#remove(place);
  }

  /** Copies of those that are wanted, at most of the newest `most`. */
  copy(most: number, isWanted: (at: number, code: number) => boolean): Notes {
    const cells = this.#cells;
    const wanted: Note[] = [];
    for (let place = this.#newest; place !== NOWHERE && wanted.length < most; place = cells.older(place)) {
      const [at, code] = [cells.at(place), cells.code(place)];
      if (isWanted(at, code)) wanted.push({ at, code, text: cells.text(place) });
    }
    const copy = new Notes(cells);
    for (const note of wanted.reverse()) copy.add(note);
    return copy;
  }

  clear(): void {
    for (let place = this.#oldest; place !== NOWHERE; ) {
      const newer = this.#cells.newer(place);
      this.#cells.remove(place);
      place = newer;
    }
    this.#oldest = NOWHERE;
    this.#newest = NOWHERE;
    this.#size = 0;
    this.#bytes = 0;
  }

  /** The oldest first. */
  *[Symbol.iterator](): Generator<Note> {
    const cells = this.#cells;
    for (let place = this.#oldest; place !== NOWHERE; place = cells.newer(place))
      yield { at: cells.at(place), code: cells.code(place), text: cells.text(place) };
  }

  #remove(place: NotePlace): void {
    const cells = this.#cells;
    this.#bytes -= cells.bytesOf(place);
    this.#size--;
    this.#join(cells.older(place), cells.newer(place));
    cells.remove(place);
  }

  /** Makes two notes neighbours; NOWHERE before the oldest and after the newest. */
  #join(older: NotePlace, newer: NotePlace): void {
    if (older === NOWHERE) this.#oldest = newer;
    else this.#cells.setNewer(older, newer);
    if (newer === NOWHERE) this.#newest = older;
    else this.#cells.setOlder(newer, older);
  }
}
