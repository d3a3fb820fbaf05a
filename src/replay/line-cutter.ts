// Text that comes cut anywhere, cut into lines.

import { own } from '../blocks/own.ts';

export class LineCutter {
  /** lines so far */
  lines = 0;
  readonly #longest: number;
  readonly #take: (line: string) => void;
  /** the beginning of a line whose end has not come yet */
  #begun = '';

  /**
   * @param longest characters of a line that are taken, of a longer one its beginning
   * @param take is given windows on the text
   */
  constructor(longest: number, take: (line: string) => void) {
    this.#longest = longest;
    this.#take = take;
  }

  push(text: string): void {
    let newline = text.indexOf('\n');
    if (newline < 0) {
      this.#keep(text);
      return;
    }
    this.#takeFirst(text, newline);
    let from = newline + 1;
    for (;;) {
      newline = text.indexOf('\n', from);
      if (newline < 0) break;
      this.lines++;
      this.#take(text.slice(from, Math.min(newline, from + this.#longest)));
      from = newline + 1;
    }
    this.#keep(text.slice(from));
  }

  /** What no newline ended is a line too. */
  end(): void {
    if (this.#begun === '') return;
    this.lines++;
    this.#take(this.#begun);
    this.#begun = '';
  }

  #takeFirst(text: string, newline: number): void {
    const first = this.#begun + text.slice(0, Math.min(newline, this.#longest));
    this.#begun = '';
    this.lines++;
    this.#take(first.slice(0, this.#longest));
  }

  #keep(text: string): void {
    const room = this.#longest - this.#begun.length;
    if (room > 0 && text !== '') this.#begun = own(this.#begun + text.slice(0, room));
  }
}
