// The events of a log by kind and class, each with the number of IPs that caused them.

import { classOfCode, codeNamed, kindOfCode, NAMES } from '../../blocks/events/codes.ts';
import { KINDS } from '../../blocks/events/event.ts';
import type { KindCount } from './report.ts';

interface Total {
  count: number;
  ips: number;
}

export class KindTotals {
  /** by event code */
  readonly #codes: readonly Total[] = NAMES.map(() => ({ count: 0, ips: 0 }));
  /** IPs, in the order of KINDS */
  readonly #kindIps = KINDS.map(() => 0);

  /**
   * @param code of the event
   * @param isFirst whether it is the first event of this code, and of this kind, of its IP
   */
  add(code: number, isFirst: { readonly ofCode: boolean; readonly ofKind: boolean }): void {
    const total = this.#codes[code];
    if (total === undefined) return;
    total.count++;
    if (isFirst.ofCode) total.ips++;
    const kind = codeNamed(kindOfCode(code));
    if (isFirst.ofKind) this.#kindIps[kind] = (this.#kindIps[kind] ?? 0) + 1;
  }

  get report(): readonly KindCount[] {
    const all = this.#codes.map((total, code) => ({ ...total, code, class: classOfCode(code) }));
    return KINDS.map((kind, i) => {
      const ofKind = all.filter(({ code }) => kindOfCode(code) === kind);
      const count = ofKind.reduce((sum, total) => sum + total.count, 0);
      const classes = ofKind.flatMap(({ class: name, count, ips }) =>
        name !== undefined && count > 0 ? [{ class: name, count, ips }] : [],
      );
      return { kind, count, ips: this.#kindIps[i] ?? 0, classes };
    });
  }
}
