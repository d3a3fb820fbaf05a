// Memory for notes outside V8's heap: cells of one size, so that a removed note makes room for any other.

/** What is kept for support of one event, or of one refused mail. */
export interface Note {
  /** ms since 1970 */
  readonly at: number;
  /** of the event, as a window holds it; 0 for a mail */
  readonly code: number;
  /** the JSON of what the log line holds, in characters of one byte */
  readonly text: string;
}

/** The number of a note's first cell, where it lies for as long as it is kept. */
export type NoteCell = number;

/** The cell of no note. */
export const NO_CELL: NoteCell = 0;

/** Maximum of characters of a note. */
export const MAX_TEXT = 0xffff;

/** Bytes of a cell: most mails take three. */
const CELL = 64;
const WORDS = CELL / 4;
/** Cells allocated at once, a mebibyte of them; they never move. */
const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;

/** Words of a cell: the next cell of the same note, or of those that are free. */
const MORE = 0;
/** Words of the first cell of a note: its neighbours by time, its time in two words, its code and the length of its text. */
const OLDER = 1;
const AT = 2;
const NEWER = 4;
const LENGTH = 5;
/** Bytes in front of the text in the first cell, and in the others. */
const HEAD = 24;
const LINK = 4;
const CODE_SHIFT = 16;

const scratch = Buffer.alloc(MAX_TEXT);

export class NoteCells {
  readonly #words: Uint32Array[] = [];
  /** the same memory, as times and as bytes */
  readonly #times: Float64Array[] = [];
  readonly #bytes: Uint8Array[] = [];
  /** the first of the free cells */
  #free = NO_CELL;
  /** cells that were ever taken; NO_CELL never is */
  #touched = 1;
  #taken = 0;

  /** Bytes of the cells that are taken. */
  get bytes(): number {
    return this.#taken * CELL;
  }

  /** Bytes allocated; they are never freed. */
  get reserved(): number {
    return this.#words.length * CHUNK * CELL;
  }

  put({ at, code, text }: Note): NoteCell {
    const first = this.#take();
    this.#set(first, LENGTH, text.length | (code << CODE_SHIFT));
    const times = this.#times[first >>> CHUNK_BITS];
    if (times !== undefined) times[((first & (CHUNK - 1)) * WORDS + AT) / 2] = at;
    let cell = first;
    let done = this.#write(cell, HEAD, text, 0);
    while (done < text.length) {
      const next = this.#take();
      this.#set(cell, MORE, next);
      cell = next;
      done = this.#write(cell, LINK, text, done);
    }
    this.#set(cell, MORE, NO_CELL);
    return first;
  }

  remove(place: NoteCell): void {
    let last = place;
    this.#taken--;
    for (let more = this.#get(last, MORE); more !== NO_CELL; more = this.#get(last, MORE)) {
      last = more;
      this.#taken--;
    }
    this.#set(last, MORE, this.#free);
    this.#free = place;
  }

  at(place: NoteCell): number {
    return this.#times[place >>> CHUNK_BITS]?.[((place & (CHUNK - 1)) * WORDS + AT) / 2] ?? 0;
  }

  code(place: NoteCell): number {
    return this.#get(place, LENGTH) >>> CODE_SHIFT;
  }

  text(place: NoteCell): string {
    const length = this.#get(place, LENGTH) & MAX_TEXT;
    let done = this.#read(place, HEAD, length, 0);
    for (let cell = place; done < length; ) {
      cell = this.#get(cell, MORE);
      done = this.#read(cell, LINK, length, done);
    }
    return scratch.toString('latin1', 0, length);
  }

  /** Bytes of the cells that a note takes. */
  bytesOf(place: NoteCell): number {
    const beyond = (this.#get(place, LENGTH) & MAX_TEXT) - (CELL - HEAD);
    return CELL * (1 + Math.max(0, Math.ceil(beyond / (CELL - LINK))));
  }

  older(place: NoteCell): NoteCell {
    return this.#get(place, OLDER);
  }

  newer(place: NoteCell): NoteCell {
    return this.#get(place, NEWER);
  }

  setOlder(place: NoteCell, older: NoteCell): void {
    this.#set(place, OLDER, older);
  }

  setNewer(place: NoteCell, newer: NoteCell): void {
    this.#set(place, NEWER, newer);
  }

  #take(): NoteCell {
    this.#taken++;
    const cell = this.#free;
    if (cell !== NO_CELL) {
      this.#free = this.#get(cell, MORE);
      return cell;
    }
    if (this.#touched >>> CHUNK_BITS >= this.#words.length) {
      const memory = new ArrayBuffer(CHUNK * CELL);
      this.#words.push(new Uint32Array(memory));
      this.#times.push(new Float64Array(memory));
      this.#bytes.push(new Uint8Array(memory));
    }
    return this.#touched++;
  }

  /** @returns how much of the text is written then */
  #write(cell: number, head: number, text: string, from: number): number {
    const bytes = this.#bytes[cell >>> CHUNK_BITS];
    const end = Math.min(text.length, from + CELL - head);
    const start = (cell & (CHUNK - 1)) * CELL + head - from;
    if (bytes !== undefined) for (let i = from; i < end; i++) bytes[start + i] = text.charCodeAt(i);
    return end;
  }

  /** @returns how much of the text is read then */
  #read(cell: number, head: number, length: number, from: number): number {
    const bytes = this.#bytes[cell >>> CHUNK_BITS];
    const end = Math.min(length, from + CELL - head);
    const start = (cell & (CHUNK - 1)) * CELL + head - from;
    if (bytes !== undefined) for (let i = from; i < end; i++) scratch[i] = bytes[start + i] ?? 0;
    return end;
  }

  #get(cell: number, word: number): number {
    return this.#words[cell >>> CHUNK_BITS]?.[(cell & (CHUNK - 1)) * WORDS + word] ?? NO_CELL;
  }

  #set(cell: number, word: number, value: number): void {
    const words = this.#words[cell >>> CHUNK_BITS];
    if (words !== undefined) words[(cell & (CHUNK - 1)) * WORDS + word] = value;
  }
}
