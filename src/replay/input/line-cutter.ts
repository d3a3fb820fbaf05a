// Cuts text that arrives in pieces into lines.

import { type LogText, lineEnd, logTextOf } from '../../maillog/syslog/log-text.ts';
import { own } from '../../values/detached-string.ts';

/** Takes the line in a text from `from` to `to`, without the CR or newline at its end. */
export type TakeLine = (log: LogText, from: number, to: number) => void;

export class LineCutter {
  /** lines cut so far */
  lines = 0;
  readonly #max: number;
  readonly #take: TakeLine;
  /** the start of a line whose end has not come yet, one character longer than the maximum, which may be a CR */
  #start = '';

  /**
   * @param max characters of a line that are passed on; of a longer line, its start
   */
  constructor(max: number, take: TakeLine) {
    this.#max = max;
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
      this.#take(log, from, Math.min(lineEnd(log, from, newline), from + this.#max));
      from = newline + 1;
    }
    this.#keep(text.slice(from));
  }

  /** Passes on the last line, which no newline ends. */
  end(): void {
    if (this.#start === '') return;
    this.lines++;
    this.#takeAlone(this.#start);
    this.#start = '';
  }

  #takeFirst(text: string, newline: number): void {
    const first = this.#start + text.slice(0, Math.min(newline, this.#max + 1));
    this.#start = '';
    this.lines++;
    this.#takeAlone(first);
  }

  #takeAlone(line: string): void {
    const log = logTextOf(line);
    this.#take(log, 0, Math.min(lineEnd(log, 0, line.length), this.#max));
  }

  #keep(text: string): void {
    const room = this.#max + 1 - this.#start.length;
    if (room > 0 && text !== '') this.#start = own(this.#start + text.slice(0, room));
  }
}
