// The results of many lines: how many lines have each result, and each reason.

import { painted, type TextOptions, wrapped } from '../terminal/text.ts';
import type { Explanation, Result } from './explanation.ts';
import { RESULT_WORDS } from './explanation-text.ts';
import { WHY, type Why } from './why.ts';

export class Tally {
  /** by result and reason */
  readonly #counts = new Map<string, { readonly result: Result; readonly why: Why | null; count: number }>();
  #lines = 0;
  #records = 0;

  get lines(): number {
    return this.#lines;
  }

  /** Lines that give a record. */
  get records(): number {
    return this.#records;
  }

  add({ result, why, record }: Explanation): void {
    this.#lines++;
    if (record !== null) this.#records++;
    const key = `${result} ${why}`;
    const known = this.#counts.get(key);
    if (known !== undefined) known.count++;
    else this.#counts.set(key, { result, why, count: 1 });
  }

  /** The most frequent first. */
  text(options: TextOptions): string {
    const all = [...this.#counts.values()].sort((a, b) => b.count - a.count);
    const width = String(this.#lines).length;
    const lines = all.flatMap(({ result, why, count }) => {
      const start = `  ${String(count).padStart(width)}  `;
      const reason = why === null ? '' : `: ${WHY[why]}`;
      return wrapped(`${RESULT_WORDS[result]}${reason}`, options.columns, start, ' '.repeat(start.length));
    });
    return [...painted([`${this.#lines} lines`], 'bold', options), ...lines]
      .map((line) => `${line}\n`)
      .join('');
  }
}
