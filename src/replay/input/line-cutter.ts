// Text that comes cut anywhere, cut into lines.

import { type LogText, lineEnd, logTextOf } from '../../maillog/syslog/log-text.ts';
import { own } from '../../values/detached-string.ts';

/** Takes the line that stands in a text from `from` to `to`, without the CR or newline at its end. */
export type TakeLine = (log: LogText, from: number, to: number) => void;

export class LineCutter {
  /** lines so far */
  lines = 0;
  readonly #longest: number;
  readonly #take: TakeLine;
  /** the beginning of a line whose end has not come yet, one character longer than is taken: that may be a CR */
  #begun = '';

  /**
   * @param longest characters of a line that are taken, of a longer one its beginning
   */
  constructor(longest: number, take: TakeLine) {
    this.#longest = longest;
    this.#take = take;
  }

  push(log: LogText): void {
    const { text } = log;
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
      this.#take(log, from, Math.min(lineEnd(log, from, newline), from + this.#longest));
      from = newline + 1;
    }
    this.#keep(text.slice(from));
  }

  /** What no newline ended is a line too. */
  end(): void {
    if (this.#begun === '') return;
    this.lines++;
    this.#takeAlone(this.#begun);
    this.#begun = '';
  }

  #takeFirst(text: string, newline: number): void {
    const first = this.#begun + text.slice(0, Math.min(newline, this.#longest + 1));
    this.#begun = '';
    this.lines++;
    this.#takeAlone(first);
  }

  #takeAlone(line: string): void {
    const log = logTextOf(line);
    this.#take(log, 0, Math.min(lineEnd(log, 0, line.length), this.#longest));
  }

  #keep(text: string): void {
    const room = this.#longest + 1 - this.#begun.length;
    if (room > 0 && text !== '') this.#begun = own(this.#begun + text.slice(0, room));
  }
}
