// What another host asks this one: bounded work, however many questions come over the server that hosts share.

import type { Blocks } from '../blocks/blocks.ts';
import { isObject } from '../values/json.ts';
import { seenHere } from './elsewhere.ts';
import { fitting, MAX_FOUND } from './find/elsewhere.ts';
import { needleOf } from './find/needle.ts';
import type { Turn, Turns } from './find/turns.ts';
import type { Finder } from './finder.ts';
import type { Lookup } from './lookup.ts';
import { ipOf } from './request-values.ts';

/** ms that a search for another host may take: that host waits somewhat longer for the answer */
const MAX_TIME = 600;
/** Searches at once. */
const MAX_RUNNING = 4;
/** Steps, each of about a millisecond of work, that may be made at once, and for each ms that has passed. */
const MAX_STEPS = 3000;
const STEPS_PER_MS = 0.2;

export interface HostQuestionsParts {
  readonly blocks: Blocks;
  readonly lookup: Lookup;
  readonly finder: Finder;
  readonly turns: Turns;
}

export class HostQuestions {
  readonly #parts: HostQuestionsParts;
  #running = 0;
  #steps = MAX_STEPS;
  /** ms since 1970 */
  #countedAt = 0;

  constructor(parts: HostQuestionsParts) {
    this.#parts = parts;
  }

  /**
   * The answer, undefined where there is none: the host that asks learns from its absence that this one cannot say.
   * @param now ms since 1970
   * @throws DeskError where it asks for no client
   */
  async answer(question: unknown, now: number): Promise<unknown> {
    if (!isObject(question) || !this.#mayWork(now)) return undefined;
    const { ip, find, limit } = question;
    if (typeof ip === 'string') return this.#seen(ip, now);
    if (typeof find === 'string') return await this.#found(find, limit, now);
    return undefined;
  }

  #seen(ip: string, now: number): unknown {
    const { blocks, lookup } = this.#parts;
    this.#steps--;
    return seenHere(lookup.showWithoutHistory(ipOf({ ip }, blocks), now));
  }

  async #found(text: string, limit: unknown, now: number): Promise<unknown> {
    const needle = needleOf(text);
    if (needle === undefined || this.#running >= MAX_RUNNING) return undefined;
    const most = typeof limit === 'number' && limit >= 1 ? Math.min(Math.floor(limit), MAX_FOUND) : MAX_FOUND;
    this.#running++;
    try {
      return fitting(await this.#parts.finder.findOwn(needle, most, this.#turn(), now));
    } finally {
      this.#running--;
    }
  }

  /** A turn whose steps are counted. */
  #turn(): Turn {
    const turn = this.#parts.turns.begin(MAX_TIME);
    this.#steps--;
    return {
      next: async () => {
        this.#steps--;
        return await turn.next();
      },
    };
  }

  #mayWork(now: number): boolean {
    // The clock may have been set back.
    const passed = Math.max(0, now - this.#countedAt);
    this.#countedAt = now;
    this.#steps = Math.min(MAX_STEPS, this.#steps + passed * STEPS_PER_MS);
    return this.#steps >= 1;
  }
}
