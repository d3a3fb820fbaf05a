// The numbers of replies to Postfix since the start, by kind.

import { DUNNO } from '../policy/verdict.ts';
import type { StatusAnswer } from './status.ts';

export class AnswerCounts {
  #dunno = 0;
  #reject = 0;
  #passed = 0;

  /** @param isPassed a blocked client is not refused, because it has logged in */
  add(reply: string, isPassed: boolean): void {
    if (reply === DUNNO) this.#dunno++;
    else this.#reject++;
    if (isPassed) this.#passed++;
  }

  get all(): Pick<StatusAnswer['policy'], 'dunno' | 'reject' | 'passed'> {
    return { dunno: this.#dunno, reject: this.#reject, passed: this.#passed };
  }
}
